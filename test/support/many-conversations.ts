import { inAccount, type Pool } from '../../store/connection.ts';
import type { SeededAccount } from './account.ts';

/** So many conversations of one contact, each with something open, as tables hold them; no actor runs. */
export async function openConversations(
  pool: Pool,
  { accountId, channelId }: SeededAccount,
  count: number,
): Promise<void> {
  await inAccount(pool, accountId, async (tx) => {
    const at = new Date();
    await tx.query(
      `INSERT INTO contacts (account_id, id, name, digest_key, created_at) VALUES ($1, $1, 'Ann', sha256('ann'), $2)`,
      [accountId, at],
    );
    await tx.query(
      `WITH made AS (
         INSERT INTO conversations (account_id, id, channel_id, external_thread, contact_id, created_at)
         SELECT $1, gen_random_uuid(), $2, 't-' || n, $1, $3 FROM generate_series(1, $4::integer) AS n RETURNING id),
       boxes AS (INSERT INTO mailboxes (account_id, conversation_id, last_at) SELECT $1, id, $3 FROM made)
       INSERT INTO actors (account_id, conversation_id, wake_at) SELECT $1, id, $3 FROM made`,
      [accountId, channelId, at, count],
    );
  });
}
