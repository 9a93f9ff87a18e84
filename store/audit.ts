/** What an audit reads beside the events: who is who, the words, what came in, and what the actor's row says. */
import type { Transaction } from './connection.ts';

export interface ConversationCard {
  channelId: string;
  channelName: string;
  channelType: string;
  contactId: string;
  contactName: string | null;
  /** The contact was erased: its words are gone, and so is the key of their digests. */
  erased: boolean;
  /** Times: epoch ms. */
  createdAt: number;
}

/** Null where the account has no such conversation. */
export async function readCard(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<ConversationCard | null> {
  const { rows } = await tx.query<ConversationCard>(
    `SELECT c.channel_id AS "channelId", h.name AS "channelName", h.type AS "channelType", c.contact_id AS "contactId",
            k.name AS "contactName", k.erased_at IS NOT NULL AS erased, ms_of(c.created_at) AS "createdAt"
     FROM conversations c
       JOIN channels h ON h.account_id = c.account_id AND h.id = c.channel_id
       JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
     WHERE c.account_id = $1 AND c.id = $2`,
    [accountId, conversationId],
  );
  return rows[0] ?? null;
}

export interface StoredActorRow {
  version: number;
  seq: number;
  eventNo: number;
  head: string;
  format: number;
  state: unknown;
}

export async function readActorRow(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<StoredActorRow | null> {
  const { rows } = await tx.query<StoredActorRow>(
    `SELECT version, seq, event_no AS "eventNo", head, format, state FROM actors
     WHERE account_id = $1 AND conversation_id = $2`,
    [accountId, conversationId],
  );
  return rows[0] ?? null;
}

export interface StoredMessage {
  id: string;
  authorKind: string;
  authorId: string | null;
  authorName: string | null;
  /** `Content` of the adapters; null: erased. */
  content: { text?: string } | null;
  /** The very text that the digest is over. */
  contentText: string | null;
  digest: string | null;
  /** Is the digest that of the words? null: the words or their key are gone. */
  intact: boolean | null;
  /** Outbound sequence to the channel or a desk. */
  outbound: number | null;
}

export async function readMessages(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<StoredMessage[]> {
  const { rows } = await tx.query<StoredMessage>(
    `SELECT m.id, m.author_kind AS "authorKind", m.author_id AS "authorId", m.author_name AS "authorName", m.content,
            m.content::text AS "contentText", m.digest, o.seq AS outbound,
            CASE WHEN m.content IS NOT NULL THEN content_digest(m.account_id, c.contact_id, m.content) = m.digest END AS intact
     FROM messages m
       JOIN conversations c ON c.account_id = m.account_id AND c.id = m.conversation_id
       LEFT JOIN LATERAL (SELECT min(seq) AS seq FROM outbound
         WHERE account_id = m.account_id AND conversation_id = m.conversation_id AND message_id = m.id) AS o ON true
     WHERE m.account_id = $1 AND m.conversation_id = $2
     ORDER BY m.created_at, m.id`,
    [accountId, conversationId],
  );
  return rows;
}

/** Of the digests of the contact's words, hex; null: erased. */
export async function readDigestKey(tx: Transaction, accountId: string, contactId: string): Promise<string | null> {
  const { rows } = await tx.query<{ key: string | null }>(
    `SELECT encode(digest_key, 'hex') AS key FROM contacts WHERE account_id = $1 AND id = $2`,
    [accountId, contactId],
  );
  return rows[0]?.key ?? null;
}

export interface ReceivedInput {
  seq: number;
  type: string;
  payload: Record<string, unknown>;
  at: number;
}

/** What came in that nobody waited for. */
export async function readInputs(tx: Transaction, accountId: string, conversationId: string): Promise<ReceivedInput[]> {
  const { rows } = await tx.query<ReceivedInput>(
    `SELECT seq, type, payload, ms_of(at) AS at FROM inbox WHERE account_id = $1 AND conversation_id = $2 ORDER BY seq`,
    [accountId, conversationId],
  );
  return rows;
}

export interface ParkedInput {
  seq: number | null;
  error: string;
  parkedAt: number;
  resumedAt: number | null;
}

export async function readParkedInputs(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<ParkedInput[]> {
  const { rows } = await tx.query<ParkedInput>(
    `SELECT seq, error, ms_of(parked_at) AS "parkedAt", ms_of(resumed_at) AS "resumedAt" FROM parked
     WHERE account_id = $1 AND conversation_id = $2 ORDER BY parked_at, id`,
    [accountId, conversationId],
  );
  return rows;
}

export interface AskedHandover {
  id: string;
  reason: string | null;
  skill: string | null;
  webstore: string | null;
}

export async function readHandoverRequests(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<AskedHandover[]> {
  const { rows } = await tx.query<AskedHandover>(
    `SELECT id, reason, skill, webstore FROM handover_requests
     WHERE account_id = $1 AND conversation_id = $2 ORDER BY created_at, id`,
    [accountId, conversationId],
  );
  return rows;
}

export interface IntakeAnswer {
  handover: number;
  name: string;
  /** null: erased. */
  value: string | null;
}

export async function readIntakeAnswers(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<IntakeAnswer[]> {
  const { rows } = await tx.query<IntakeAnswer>(
    `SELECT handover, name, value FROM intake_answers
     WHERE account_id = $1 AND conversation_id = $2 ORDER BY handover, answered_at, name`,
    [accountId, conversationId],
  );
  return rows;
}

export interface StoredBlock {
  id: string;
  reason: string;
}

/** Blocks of the conversation's contact, wherever they were made. */
export async function readBlocks(tx: Transaction, accountId: string, contactId: string): Promise<StoredBlock[]> {
  const { rows } = await tx.query<StoredBlock>(
    'SELECT id, reason FROM contact_blocks WHERE account_id = $1 AND contact_id = $2 ORDER BY created_at, id',
    [accountId, contactId],
  );
  return rows;
}

/** Names by id, of whatever in the account has one: people, bots, desks, groups, keys, tags. */
export async function readNames(tx: Transaction, accountId: string, ids: string[]): Promise<Record<string, string>> {
  const { rows } = await tx.query<{ id: string; name: string }>(
    `SELECT id, name FROM agents WHERE account_id = $1 AND id = ANY ($2::uuid[])
     UNION ALL SELECT id, name FROM bots WHERE account_id = $1 AND id = ANY ($2::uuid[])
     UNION ALL SELECT id, name FROM desks WHERE account_id = $1 AND id = ANY ($2::uuid[])
     UNION ALL SELECT id, name FROM desk_people WHERE account_id = $1 AND id = ANY ($2::uuid[]) AND name IS NOT NULL
     UNION ALL SELECT id, name FROM groups WHERE account_id = $1 AND id = ANY ($2::uuid[])
     UNION ALL SELECT id, name FROM api_keys WHERE account_id = $1 AND id = ANY ($2::uuid[])
     UNION ALL SELECT id, name FROM tags WHERE account_id = $1 AND id = ANY ($2::uuid[])`,
    [accountId, ids],
  );
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
}
