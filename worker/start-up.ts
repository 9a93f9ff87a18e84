/** What a start waits for, said where it lasts: whoever looks at a worker that does not become ready reads it there. */
import type { Logger } from 'pino';

const sayEveryMs = 5_000;

export async function waitingFor<T>(what: string, logger: Logger, work: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const say = (): void => {
    const forMs = Math.round(performance.now() - startedAt);
    logger.warn({ waitsFor: what, forMs }, 'worker still starts');
  };
  const saying = setInterval(say, sayEveryMs);
  try {
    return await work;
  } finally {
    clearInterval(saying);
  }
}
