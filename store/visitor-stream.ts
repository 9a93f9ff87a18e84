/**
 * What a visitor sees: the messages of their conversation and what became of them, each in its place. Places are given
 * out under the conversation row's lock, so they become visible in order and a cursor (the last place) misses none.
 */
import type { Pool, Transaction } from './connection.ts';
import type { VisitorSession } from './visitors.ts';

type Visitor = Pick<VisitorSession, 'accountId' | 'channelId' | 'externalId'>;

export interface VisitorConversation {
  id: string;
  /** Last place given out. */
  lastPlace: number;
  botId: string | null;
  groupId: string | null;
  agentId: string | null;
}

/** null: nothing has been written yet. */
export async function findVisitorConversation(
  tx: Transaction,
  { accountId, channelId, externalId }: Visitor,
): Promise<VisitorConversation | null> {
  const { rows } = await tx.query<VisitorConversation>({
    name: 'visitor-conversation',
    text: `SELECT id, stream AS "lastPlace", bot_id AS "botId", group_id AS "groupId", agent_id AS "agentId"
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
): Promise<number[]> {
  const { rows } = await tx.query<{ seq: number }>({
    name: 'unread-up-to',
    text: `SELECT o.seq FROM outbound o JOIN visitor_stream s
             ON s.account_id = o.account_id AND s.conversation_id = o.conversation_id AND s.message_id = o.message_id
           WHERE o.account_id = $1 AND o.conversation_id = $2 AND o.to_kind = 'channel' AND o.status IN ('sent', 'delivered')
             AND s.kind = 'message' AND s.place <= $3
           ORDER BY o.seq DESC LIMIT 200`,
    values: [conversation.accountId, conversation.id, place],
  });
  return rows.map(({ seq }) => seq).toReversed();
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
