/** A round of work, again and again, in whichever process. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { failureOf } from './failures.ts';

export interface Sweep {
  /** Resolves when the round that is under way is over, or has given up. */
  stop(): Promise<void>;
}

export interface SweepOptions {
  /** In the log, where a round fails: nothing is lost by it, the next does the same. */
  name: string;
  /** Between the end of a round and the next. */
  everyMs: number;
  logger: Pick<Logger, 'warn'>;
  round(stopping: AbortSignal): Promise<unknown>;
}

/** Sweeps until `stop` is awaited. */
export function startSweep(options: SweepOptions): Sweep {
  const stopping = new AbortController();
  const running = sweepUntil(stopping.signal, options);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function sweepUntil(signal: AbortSignal, { name, everyMs, logger, round }: SweepOptions): Promise<void> {
  while (!signal.aborted) {
    await round(signal).catch((error: unknown) => logger.warn({ failure: failureOf(error) }, `${name} failed`));
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
