/** Desks: what is theirs alone; the rest they have in common with bots (`parties.ts`). */
import type { Transaction } from './connection.ts';

/** Which of these are desks of the account that are switched on; none of them goes before the transaction ends. */
export async function existingDesks(tx: Transaction, accountId: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'SELECT id FROM desks WHERE account_id = $1 AND id = ANY ($2) AND disabled_at IS NULL FOR SHARE',
    [accountId, ids],
  );
  return rows.map(({ id }) => id);
}

/** Chats that wait for the desk or are held there. */
export async function countChatsOfDesk(tx: Transaction, accountId: string, deskId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `SELECT count(*) AS count FROM conversations
     WHERE account_id = $1 AND desk_id = $2 AND phase IN ('queued', 'assigned')`,
    [accountId, deskId],
  );
  return rows[0]?.count ?? 0;
}
