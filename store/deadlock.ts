/**
 * All transactions take their locks in one order, so a deadlock is a rare meeting of unlike webhooks. Postgres ends one
 * of the two, whole; done again, it goes through.
 */
import { deadlock, hasState } from './failures.ts';

const tries = 3;

export async function retryDeadlock<T>(work: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempt >= tries || !hasState(error, deadlock)) throw error;
    return retryDeadlock(work, attempt + 1);
  }
}
