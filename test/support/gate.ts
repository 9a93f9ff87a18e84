/** Holds up whoever passes, until it is opened. */
export interface Gate {
  pass(): Promise<void>;
  /** Somebody has come to it. */
  readonly reached: Promise<void>;
  /** How many have come to it. */
  readonly came: number;
  open(): void;
}

export function createGate(): Gate {
  let open: () => void = () => undefined;
  let reach: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  let came = 0;
  return {
    reached,
    get came() {
      return came;
    },
    open,
    pass() {
      came += 1;
      reach();
      return opened;
    },
  };
}

/** Holds up those who come until so many are there; then, and from then on, all go on at once. */
export function createMeeting(count: number): { join(): Promise<void> } {
  const gate = createGate();
  return {
    join() {
      const passed = gate.pass();
      if (gate.came >= count) gate.open();
      return passed;
    },
  };
}
