/**
 * Aborts when the process is asked to leave. Asked again, nothing changes: a terminal and npm both pass Ctrl-C on, and
 * what is out must not be cut off by the second. A worker that can't finish is gone after its time all the same.
 */
import type { Logger } from 'pino';

export function stopSignal(logger: Logger, goneMs: number): AbortSignal {
  const stopping = new AbortController();
  const leave = (): void => {
    if (stopping.signal.aborted) return;
    logger.info('worker leaves: it takes nothing new, and finishes what is out');
    setTimeout(() => {
      logger.error('worker did not finish in time');
      process.exit(1);
    }, goneMs).unref();
    stopping.abort();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, leave);
  return stopping.signal;
}
