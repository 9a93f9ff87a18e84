/**
 * What a visitor sees: the messages of their conversation and what became of them, each in its place. Places are given
 * out under the conversation row's lock, so they become visible in order and a cursor (the last place) misses none.
 */
import type { PhaseName } from '../workflows/conversation/state.ts';
import type { Pool, Transaction } from './connection.ts';
import type { Sending } from './send-key.ts';
import type { VisitorSession } from './visitors.ts';

type Visitor = Pick<VisitorSession, 'accountId' | 'channelId' | 'externalId'>;

export interface VisitorConversation {
  id: string;
  /** Last place given out. */
  lastPlace: number;
  botId: string | null;
  groupId: string | null;
  agentId: string | null;
  phase: PhaseName;
}

/** null: nothing has been written yet. */
export async function findVisitorConversation(
  tx: Transaction,
  { accountId, channelId, externalId }: Visitor,
): Promise<VisitorConversation | null> {
  const { rows } = await tx.query<VisitorConversation>({
    name: 'visitor-conversation',
    text: `SELECT id, stream AS "lastPlace", bot_id AS "botId", group_id AS "groupId", agent_id AS "agentId", phase
           FROM conversations WHERE account_id = $1 AND channel_id = $2 AND external_thread = $3`,
    values: [accountId, channelId, externalId],
  });
  return rows[0] ?? null;
}

export interface StreamRow {
  place: number;
  kind: 'message' | 'receipt';
  messageId: string;
  /** Of a receipt. */
  status: string | null;
  author: { kind: 'customer' | 'bot' | 'agent' | 'desk' | 'engine'; name: string | null };
  /** null: erased. */
  content: object | null;
  clientId: string | null;
  at: Date;
}

/**
 * The place to go on from. One that hasn't been given out is of another life of the database (or nobody's), and going on from
 * it would hide all that comes until it is reached: then it is the beginning.
 */
export async function placeToGoOnFrom(tx: Transaction, visitor: Visitor, place: number): Promise<number> {
  const known = place === 0 ? null : await findVisitorConversation(tx, visitor);
  return known !== null && place <= known.lastPlace ? place : 0;
}

/** In order, above place `after`. Empty before the first message. */
export async function readVisitorStream(
  tx: Transaction,
  { accountId, channelId, externalId }: Visitor,
  { after, limit }: { after: number; limit: number },
): Promise<StreamRow[]> {
  const { rows } = await tx.query<StreamRow>({
    name: 'visitor-stream',
    text: `SELECT s.place, s.kind, s.message_id AS "messageId", s.status, s.at, m.content, m.client_id AS "clientId",
                  jsonb_build_object('kind', m.author_kind, 'name', CASE WHEN m.author_kind <> 'customer' THEN coalesce(m.author_name,
                    (SELECT name FROM bots b WHERE m.author_kind = 'bot' AND b.account_id = $1 AND b.id::text = m.author_id))
                    END) AS author
           FROM conversations c
             JOIN visitor_stream s ON s.account_id = c.account_id AND s.conversation_id = c.id
             JOIN messages m ON m.account_id = s.account_id AND m.id = s.message_id
           WHERE c.account_id = $1 AND c.channel_id = $2 AND c.external_thread = $3 AND s.place > $4
           ORDER BY s.place LIMIT $5`,
    values: [accountId, channelId, externalId, after, limit],
  });
  return rows;
}

export interface VisitorMessage {
  messageId: string;
  place: number;
  at: Date;
  /** null: erased. */
  content: { text?: string; payload?: string } | null;
}

/** What the visitor's own id of a message stands for; null: it is new. */
export async function findVisitorMessage(
  tx: Transaction,
  { accountId, channelId, externalId }: Visitor,
  clientId: string,
): Promise<VisitorMessage | null> {
  const { rows } = await tx.query<VisitorMessage>({
    name: 'visitor-message',
    text: `SELECT m.id AS "messageId", s.place, m.created_at AS at, m.content
           FROM conversations c
             JOIN messages m ON m.account_id = c.account_id AND m.conversation_id = c.id AND m.client_id = $4
             JOIN visitor_stream s ON s.account_id = m.account_id AND s.conversation_id = c.id AND s.message_id = m.id
           WHERE c.account_id = $1 AND c.channel_id = $2 AND c.external_thread = $3
           ORDER BY s.place LIMIT 1`,
    values: [accountId, channelId, externalId, clientId],
  });
  return rows[0] ?? null;
}

/** Send keys of what the visitor was shown up to this place and has not read yet, the newest 200. */
export async function unreadUpTo(
  tx: Transaction,
  conversation: { accountId: string; id: string },
  place: number,
): Promise<Sending[]> {
  const { rows } = await tx.query<Sending>({
    name: 'unread-up-to',
    text: `SELECT o.conversation_id AS "conversationId", o.seq, o.generation FROM outbound o JOIN visitor_stream s
             ON s.account_id = o.account_id AND s.conversation_id = o.conversation_id AND s.message_id = o.message_id
           WHERE o.account_id = $1 AND o.conversation_id = $2 AND o.to_kind = 'channel' AND o.status IN ('sent', 'delivered')
             AND s.kind = 'message' AND s.place <= $3
           ORDER BY o.seq DESC LIMIT 200`,
    values: [conversation.accountId, conversation.id, place],
  });
  return rows.toReversed();
}

/** The newest of the visitor's own messages that was read; null: none. */
export async function readUpTo(tx: Transaction, { accountId, channelId, externalId }: Visitor): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>({
    name: 'visitor-read-up-to',
    text: `SELECT s.message_id AS id FROM conversations c
             JOIN visitor_stream s ON s.account_id = c.account_id AND s.conversation_id = c.id
           WHERE c.account_id = $1 AND c.channel_id = $2 AND c.external_thread = $3 AND s.kind = 'receipt'
           ORDER BY s.place DESC LIMIT 1`,
    values: [accountId, channelId, externalId],
  });
  return rows[0]?.id ?? null;
}

/**
 * Who holds the conversation has read what the visitor wrote, up to this message. Stands in the visitor's stream once, and
 * never for a message before one that is read. False: the conversation has no such message.
 */
export async function noteRead(
  tx: Transaction,
  {
    accountId,
    conversationId,
    messageId,
    at,
  }: { accountId: string; conversationId: string; messageId: string; at: Date },
): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'lock-read-message',
    text: `SELECT 1 FROM conversations c JOIN messages m ON m.account_id = c.account_id AND m.conversation_id = c.id
           WHERE c.account_id = $1 AND c.id = $2 AND m.id = $3 FOR NO KEY UPDATE OF c`,
    values: [accountId, conversationId, messageId],
  });
  if (rowCount === 0) return false;
  await tx.query({
    name: 'note-read',
    text: `WITH shown AS (
             SELECT s.place, s.message_id, m.author_kind,
                    EXISTS (SELECT FROM visitor_stream r WHERE r.account_id = $1 AND r.conversation_id = $2
                            AND r.kind = 'receipt' AND r.message_id = s.message_id) AS is_read
             FROM visitor_stream s JOIN messages m ON m.account_id = s.account_id AND m.id = s.message_id
             WHERE s.account_id = $1 AND s.conversation_id = $2 AND s.kind = 'message'),
           news AS (
             SELECT message_id FROM shown
             WHERE author_kind = 'customer' AND place <= (SELECT place FROM shown WHERE message_id = $3)
               AND place > coalesce((SELECT max(place) FROM shown WHERE is_read), 0)
             ORDER BY place DESC LIMIT 1),
           placed AS (
             UPDATE conversations SET stream = stream + 1 WHERE account_id = $1 AND id = $2 AND EXISTS (SELECT FROM news)
             RETURNING stream)
           INSERT INTO visitor_stream (account_id, conversation_id, place, kind, message_id, status, at)
             SELECT $1, $2, placed.stream, 'receipt', news.message_id, 'read', $4 FROM placed, news`,
    values: [accountId, conversationId, messageId, at],
  });
  return true;
}

/** Under this name a visitor's streams are woken, also before there is a conversation. */
export async function visitorTopic(pool: Pool, { channelId, externalId }: Visitor): Promise<string> {
  const { rows } = await pool.query<{ topic: string }>({
    name: 'visitor-topic',
    text: 'SELECT visitor_topic($1, $2) AS topic',
    values: [channelId, externalId],
  });
  return rows[0]?.topic ?? '';
}

export interface Typing {
  accountId: string;
  conversationId: string;
  from: 'visitor' | 'agent';
  on: boolean;
  agentId: string | null;
  groupId: string | null;
  botId: string | null;
  /** Of the visitor's streams. */
  topic: string;
}

/** Typing is told to whoever looks now and stored nowhere. */
export async function tellTyping(tx: Transaction, typing: Omit<Typing, 'topic'>): Promise<void> {
  await tx.query({
    name: 'tell-typing',
    text: `SELECT pg_notify('baton_typing', ($2::jsonb || jsonb_build_object('topic',
             visitor_topic(c.channel_id, c.external_thread)))::text)
           FROM conversations c WHERE c.account_id = $1 AND c.id = $3`,
    values: [typing.accountId, JSON.stringify(typing), typing.conversationId],
  });
}
