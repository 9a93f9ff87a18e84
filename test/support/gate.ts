/** Holds up whoever passes, until it is opened. */
export interface Gate {
  pass(): Promise<void>;
  /** Somebody has come to it. */
  readonly reached: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let open: () => void = () => undefined;
  let reach: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  return {
    reached,
    open,
    pass() {
      reach();
      return opened;
    },
  };
}
