/** Accounts. An account's row is visible only in a transaction bound to it; what the operator lists is a function's to tell. */
import type { Pool, Transaction } from './connection.ts';

export interface AccountRow {
  id: string;
  name: string;
  createdAt: Date;
}

export async function findAccount(tx: Transaction, id: string): Promise<AccountRow | null> {
  const { rows } = await tx.query<AccountRow>(
    'SELECT id, name, created_at AS "createdAt" FROM accounts WHERE id = $1',
    [id],
  );
  return rows[0] ?? null;
}

/** All accounts there are, oldest first, behind `after`: for the operator. One row more than `limit`, if there is one. */
export async function listAccounts(
  pool: Pool,
  { limit, after }: { limit: number; after: string | null },
): Promise<AccountRow[]> {
  const { rows } = await pool.query<AccountRow>({
    name: 'list-accounts',
    text: 'SELECT id, name, created_at AS "createdAt" FROM list_accounts($1, $2)',
    values: [after, limit + 1],
  });
  return rows;
}

export async function insertAccount(tx: Transaction, account: { id: string; name: string; at: Date }): Promise<void> {
  await tx.query('INSERT INTO accounts (id, name, created_at) VALUES ($1, $2, $3)', [
    account.id,
    account.name,
    account.at,
  ]);
}
