/**
 * All transactions take their locks in one order, so a deadlock is a rare meeting of unlike webhooks. Postgres ends one
 * of the two, whole; done again, it goes through.
 */
const tries = 3;

export async function retryDeadlock<T>(work: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempt >= tries || !isDeadlock(error)) throw error;
    return retryDeadlock(work, attempt + 1);
  }
}

function isDeadlock(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '40P01';
}
