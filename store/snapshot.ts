/**
 * One moment of an account's data, read-only: rows that are read one after another belong together, however much is
 * written meanwhile. Whoever verifies relies on it.
 */
import type { Pool, Transaction } from './connection.ts';

export async function inSnapshot<T>(pool: Pool, accountId: string, read: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await client.query("SELECT set_config('baton.account', $1, true)", [accountId]);
    return await read(client);
  } finally {
    // Nothing was written, so there is nothing to commit.
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    client.release(broken);
  }
}
