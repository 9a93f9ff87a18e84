export interface OneAtATime {
  /** Runs now, or once more after what runs. */
  soon(): void;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

/** Runs again if it is asked to while it runs, and not twice at once. */
export function oneAtATime(work: () => Promise<void>, onError: (error: unknown) => void): OneAtATime {
  let running: Promise<void> | null = null;
  let again = false;
  const run = async (): Promise<void> => {
    try {
      do {
        again = false;
        await work();
      } while (again);
    } catch (error) {
      onError(error);
    } finally {
      running = null;
    }
  };
  return {
    soon() {
      again = true;
      running ??= run();
    },
    idle: async () => running ?? undefined,
  };
}
