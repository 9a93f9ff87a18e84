/** Says that there is something to look at. Raised while nobody waits, it is kept; raised twice, it is one. */
export interface Signal {
  raise(): void;
  /** True: it was raised. False: nothing came for so long. */
  wait(ms: number): Promise<boolean>;
}

export function createSignal(): Signal {
  let raised = false;
  let wake: (() => void) | null = null;
  return {
    raise() {
      raised = true;
      wake?.();
    },
    async wait(ms) {
      if (!raised) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, ms);
        });
        clearTimeout(timer);
        wake = null;
      }
      const was = raised;
      raised = false;
      return was;
    },
  };
}
