/** Accounts. An account's row is visible only in a transaction bound to it. */
import type { Transaction } from './connection.ts';

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

export async function insertAccount(tx: Transaction, account: { id: string; name: string; at: Date }): Promise<void> {
  await tx.query('INSERT INTO accounts (id, name, created_at) VALUES ($1, $2, $3)', [
    account.id,
    account.name,
    account.at,
  ]);
}
