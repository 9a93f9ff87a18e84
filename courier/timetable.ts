import { setTimeout as pause } from 'node:timers/promises';

/** Does `work` now and then again and again, `ms` after the last time was done. `stop` waits for the one that runs. */
export function every(ms: number, work: () => Promise<void>): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await work();
      await pause(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
