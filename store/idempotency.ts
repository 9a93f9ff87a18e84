/**
 * Outcomes of commands by their key, kept for 24 h. Written once, by whoever comes first (the record, or the API for what
 * never reached it); everybody else answers what is stored.
 */
import type { Pool, Transaction } from './connection.ts';

export interface KeptOutcome {
  /** Of the request that the key came with. */
  digest: string;
  outcome: unknown;
}

export async function findOutcome(tx: Transaction, accountId: string, key: string): Promise<KeptOutcome | null> {
  const { rows } = await tx.query<KeptOutcome>({
    name: 'find-outcome',
    text: 'SELECT digest, outcome FROM idempotency WHERE account_id = $1 AND key = $2',
    values: [accountId, key],
  });
  return rows[0] ?? null;
}

/** Of the first of these keys that has one. */
export async function findFirstOutcome(
  tx: Transaction,
  accountId: string,
  keys: readonly string[],
): Promise<KeptOutcome | null> {
  const { rows } = await tx.query<KeptOutcome>({
    name: 'find-first-outcome',
    text: `SELECT digest, outcome FROM idempotency WHERE account_id = $1 AND key = ANY($2)
           ORDER BY array_position($2, key) LIMIT 1`,
    values: [accountId, keys],
  });
  return rows[0] ?? null;
}

/** Keeps this outcome unless there is one already. Answers the one that counts. */
export async function keepOutcome(
  tx: Transaction,
  accountId: string,
  { key, digest, outcome, at }: KeptOutcome & { key: string; at: Date },
): Promise<KeptOutcome> {
  await tx.query({
    name: 'keep-outcome',
    text: `INSERT INTO idempotency (account_id, key, digest, outcome, created_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING`,
    values: [accountId, key, digest, JSON.stringify(outcome), at],
  });
  // A statement of its own, which sees what was committed while the first one waited for it.
  return (await findOutcome(tx, accountId, key)) ?? { digest, outcome };
}

/** Deletes a batch of those from before `before` (epoch ms); answers how many. */
export async function forgetOutcomes(pool: Pool, before: number, most = 1_000): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'forget-outcomes',
    text: `DELETE FROM idempotency WHERE (account_id, key) IN
             (SELECT account_id, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)`,
    values: [new Date(before), most],
  });
  return rowCount ?? 0;
}
