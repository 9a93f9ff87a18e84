/** News for many conversations: left by whoever makes them true, in one row; told afterwards, a batch per transaction. */
import type { Pool, Transaction } from './connection.ts';

/** To every conversation that has something open; the others read the policy when they begin anew. */
export async function announcePolicy(tx: Transaction, accountId: string, at: Date): Promise<void> {
  await tx.query(`SELECT announce($1, 'PolicyChanged', $1, $2)`, [accountId, at]);
}

/** To every conversation that waits in this group: its hours are others, or have ended. */
export async function announceHours(tx: Transaction, accountId: string, groupId: string, at: Date): Promise<void> {
  await tx.query(`SELECT announce($1, 'HoursChanged', $2, $3)`, [accountId, groupId, at]);
}

/** Accounts that have news to tell, the oldest first. */
export async function announcingAccounts(pool: Pool, most: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'announcing-accounts',
    text: 'SELECT id FROM announcing_accounts($1) AS id',
    values: [most],
  });
  return rows.map(({ id }) => id);
}

/**
 * One batch of the account's oldest news: looks at the next `most` conversations and tells those that they concern. It
 * commits with how far it got. False: there are no news, or others are telling them.
 */
export async function tellSome(
  pool: Pool,
  accountId: string,
  { most, at }: { most: number; at: Date },
): Promise<boolean> {
  const { rows } = await pool.query<{ told: boolean }>({
    name: 'tell-some',
    text: 'SELECT tell_some($1, $2, $3) AS told',
    values: [accountId, most, at],
  });
  return rows[0]?.told === true;
}
