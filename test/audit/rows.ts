/** Rows that tests of the audit need and no process of ours would write that way. */
import { v7 as uuid } from 'uuid';
import { inAccount, type Pool } from '../../store/connection.ts';
import type { SeededAccount } from '../support/database.ts';

/** A conversation of a contact of its own; `wakeAt`: epoch ms, or null where nothing is open. */
export async function insertConversation(
  pool: Pool,
  { accountId, channelId }: SeededAccount,
  { wakeAt }: { wakeAt: number | null },
): Promise<string> {
  const conversationId = uuid();
  const contactId = uuid();
  const now = new Date();
  await inAccount(pool, accountId, async (tx) => {
    await tx.query('INSERT INTO contacts (account_id, id, digest_key, created_at) VALUES ($1, $2, $3, $4)', [
      accountId,
      contactId,
      Buffer.alloc(32, 7),
      now,
    ]);
    await tx.query(
      `INSERT INTO conversations (account_id, id, channel_id, external_thread, contact_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [accountId, conversationId, channelId, conversationId, contactId, now],
    );
    await tx.query('INSERT INTO mailboxes (account_id, conversation_id, last_at) VALUES ($1, $2, $3)', [
      accountId,
      conversationId,
      now,
    ]);
    await tx.query('INSERT INTO actors (account_id, conversation_id, wake_at) VALUES ($1, $2, at_ms($3))', [
      accountId,
      conversationId,
      wakeAt,
    ]);
  });
  return conversationId;
}

export async function insertRun(
  pool: Pool,
  accountId: string,
  conversationId: string,
  { runId, startedAt }: { runId: string; startedAt: number },
): Promise<void> {
  await inAccount(pool, accountId, (tx) =>
    tx.query(
      `INSERT INTO runs (account_id, conversation_id, run_id, build, started_at) VALUES ($1, $2, $3, 'test', at_ms($4))`,
      [accountId, conversationId, runId, startedAt],
    ),
  );
}
