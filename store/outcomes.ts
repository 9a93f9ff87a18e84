import type { Pool } from './connection.ts';

/** Outcomes of commands are kept for 24 h. Deletes a batch of those from before `before` (epoch ms); answers how many. */
export async function forgetOutcomes(pool: Pool, before: number, most = 1_000): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'forget-outcomes',
    text: `DELETE FROM idempotency WHERE (account_id, key) IN
             (SELECT account_id, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)`,
    values: [new Date(before), most],
  });
  return rowCount ?? 0;
}
