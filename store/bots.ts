/** Bots: what is theirs alone; the rest they have in common with desks (`parties.ts`). */
import type { Transaction } from './connection.ts';

/** Enabled channels that name this bot: it can't be switched off while they do. */
export async function countChannelsOfBot(tx: Transaction, accountId: string, botId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    'SELECT count(*) AS count FROM channels WHERE account_id = $1 AND bot_id = $2 AND disabled_at IS NULL',
    [accountId, botId],
  );
  return rows[0]?.count ?? 0;
}

/** Which of these are bots of the account that are switched on; none of them goes before the transaction ends. */
export async function existingBots(tx: Transaction, accountId: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'SELECT id FROM bots WHERE account_id = $1 AND id = ANY ($2) AND disabled_at IS NULL FOR SHARE',
    [accountId, ids],
  );
  return rows.map(({ id }) => id);
}
