/** A conversation's rows as webhooks and agents make them, for tests that stand between the API and the actor. */
import { v7 as uuid } from 'uuid';
import { inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import type { ActorId, InboxRow } from '../../workflows/conversation/messages.ts';
import type { SeededAccount } from './account.ts';
import { required } from './required.ts';

export async function newConversation(pool: Pool, account: SeededAccount, at = new Date()): Promise<ActorId> {
  const { accountId, channelId } = account;
  const [conversationId, contactId, now] = [uuid(), uuid(), at];
  await inAccount(pool, accountId, async (tx) => {
    await tx.query(
      `INSERT INTO contacts (account_id, id, name, digest_key, created_at) VALUES ($1, $2, 'Ann', sha256($3), $4)`,
      [accountId, contactId, Buffer.from(contactId), now],
    );
    await tx.query(
      `INSERT INTO contact_identities (account_id, channel_id, external_id, contact_id) VALUES ($1, $2, $3, $4)`,
      [accountId, channelId, `c-${conversationId}`, contactId],
    );
    await tx.query(
      `INSERT INTO conversations (account_id, id, channel_id, external_thread, contact_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [accountId, conversationId, channelId, `t-${conversationId}`, contactId, now],
    );
    await tx.query('INSERT INTO mailboxes (account_id, conversation_id, last_at) VALUES ($1, $2, $3)', [
      accountId,
      conversationId,
      now,
    ]);
    await tx.query('INSERT INTO actors (account_id, conversation_id) VALUES ($1, $2)', [accountId, conversationId]);
  });
  return { accountId, conversationId };
}

export function putRow(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  type: string,
  payload: object,
  at = new Date(),
): Promise<number> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number }>('SELECT put_in_inbox($1, $2, $3, $4, $5, NULL, NULL) AS seq', [
      accountId,
      conversationId,
      type,
      payload,
      at,
    ]);
    return required(rows[0]).seq;
  });
}

export function writeMessage(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  text: string,
  at = new Date(),
): Promise<number> {
  const messageId = uuid();
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number }>(
      `SELECT put_in_inbox($1, $2, 'CustomerWrote', $3, $4, NULL, NULL) AS seq`,
      [accountId, conversationId, { messageId }, at],
    );
    const { seq } = required(rows[0]);
    await insertMessage(tx, { accountId, conversationId }, { messageId, text, seq });
    return seq;
  });
}

export async function writeDraft(pool: Pool, id: ActorId, text: string): Promise<string> {
  const messageId = uuid();
  await inAccount(pool, id.accountId, (tx) => insertMessage(tx, id, { messageId, text, seq: null }));
  return messageId;
}

async function insertMessage(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { messageId, text, seq }: { messageId: string; text: string; seq: number | null },
): Promise<void> {
  const [direction, author, status] = seq === null ? ['out', 'agent', 'draft'] : ['in', 'customer', 'received'];
  await tx.query(
    `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, digest, inbox_seq, created_at)
     SELECT $1, $2, $3, $4, $5, $6, $7::jsonb, content_digest($1, contact_id, $7::jsonb), $8, $9
     FROM conversations WHERE account_id = $1 AND id = $3`,
    [accountId, messageId, conversationId, direction, author, status, JSON.stringify({ text }), seq, new Date()],
  );
}

export function readRows(pool: Pool, { accountId, conversationId }: ActorId, from: number): Promise<InboxRow[]> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number; type: string; payload: object; at: number }>(
      `SELECT seq, type, payload, ms_of(at) AS at FROM inbox
       WHERE account_id = $1 AND conversation_id = $2 AND seq >= $3 ORDER BY seq`,
      [accountId, conversationId, from],
    );
    return rows.map(({ seq, type, payload, at }) => ({ ...payload, type, seq, at }) as InboxRow);
  });
}

export function readEpoch(pool: Pool, { accountId, conversationId }: ActorId) {
  return inAccount(pool, accountId, (tx) =>
    tx.query<{ epoch: number }>('SELECT epoch FROM conversations WHERE account_id = $1 AND id = $2', [
      accountId,
      conversationId,
    ]),
  );
}

export async function draftBlock(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  reason: string,
  expiresAt: number | null,
): Promise<string> {
  const blockId = uuid();
  await inAccount(pool, accountId, (tx) =>
    tx.query(
      `INSERT INTO contact_blocks (account_id, id, contact_id, conversation_id, reason, message, by_id, expires_at, created_at)
       SELECT $1, $2, contact_id, id, $4, 'You are blocked', 'test', $5, $6
       FROM conversations WHERE account_id = $1 AND id = $3`,
      [accountId, blockId, conversationId, reason, expiresAt === null ? null : new Date(expiresAt), new Date()],
    ),
  );
  return blockId;
}

/** What a matcher does: takes a place and writes the claim down. */
export async function claimPlace(
  pool: Pool,
  { accountId, conversationId }: ActorId,
  agentId: string,
  entry: number,
): Promise<string> {
  const claimId = uuid();
  await inAccount(pool, accountId, async (tx) => {
    await tx.query('SELECT take_place($1, $2, false, $3)', [accountId, agentId, new Date()]);
    await tx.query(
      `INSERT INTO claims (account_id, id, conversation_id, entry, agent_id, epoch, made_at)
       SELECT account_id, $3, conversation_id, $4, $5, epoch, $6
       FROM queue_entries WHERE account_id = $1 AND conversation_id = $2`,
      [accountId, conversationId, claimId, entry, agentId, new Date()],
    );
  });
  return claimId;
}

export async function addDesk(pool: Pool, accountId: string): Promise<string> {
  const deskId = uuid();
  await inAccount(pool, accountId, (tx) =>
    tx.query(`INSERT INTO desks (account_id, id, name, type, created_at) VALUES ($1, $2, 'Desk', 'http', $3)`, [
      accountId,
      deskId,
      new Date(),
    ]),
  );
  return deskId;
}
