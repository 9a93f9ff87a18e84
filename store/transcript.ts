/**
 * The transcript: messages in the places that the record gave them, and between them the comments. Its order never
 * changes; a comment stands behind the message that was the last when it was written.
 */
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export interface TranscriptRow {
  kind: 'message' | 'comment';
  id: string;
  /** Of the message; of a comment, of the message before it. */
  position: number;
  author: { kind: string; id: string | null; name: string | null };
  /** null: erased. */
  content: object | null;
  at: Date;
  /** Of a message that goes out; null: of one that came in. */
  delivery: { seq: number; status: string; failureClass: string | null; waitsFor: 'customer' | null } | null;
  visibility: 'personal' | 'agents' | null;
  clientId: string | null;
  note: number;
}

export interface TranscriptKey {
  position: number;
  /** Order of the comments at one place; 0: of the message, which comes before them. */
  note: number;
}

/**
 * `readerId`: the agent who asks; a personal comment is seen by its author alone. `newestFirst` turns the order round.
 * One row more than `limit`, if there is one.
 */
export async function listTranscript(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  {
    show,
    readerId,
    newestFirst,
    limit,
    after,
  }: {
    show: 'messages' | 'comments' | 'all';
    readerId: string | null;
    newestFirst: boolean;
    limit: number;
    after: TranscriptKey | null;
  },
): Promise<TranscriptRow[]> {
  const order: Order = newestFirst ? { direction: 'DESC', than: '<' } : { direction: 'ASC', than: '>' };
  const { direction } = order;
  const { rows } = await tx.query<TranscriptRow>({
    name: `transcript-${show}-${direction}`,
    text: `SELECT lines.* FROM (SELECT $3::uuid, $5::bigint, $6::bigint) AS asked, (${parts[show](order)}) AS lines
           ORDER BY position ${direction}, note ${direction} LIMIT $4`,
    values: [accountId, conversationId, readerId, limit + 1, after?.position ?? null, after?.note ?? 0],
  });
  return rows;
}

interface Order {
  direction: 'ASC' | 'DESC';
  /** Of a key to the one that it comes after. */
  than: '<' | '>';
}

const messages = ({ direction, than }: Order): string => `
    (SELECT 'message' AS kind, m.id, m.position, 0::bigint AS note,
            jsonb_build_object('kind', m.author_kind, 'id', m.author_id, 'name', coalesce(m.author_name, CASE m.author_kind
              WHEN 'bot' THEN (SELECT name FROM bots b WHERE b.account_id = $1 AND b.id = m.author_id::uuid)
              WHEN 'customer' THEN (SELECT name FROM contacts k WHERE k.account_id = $1 AND k.id = m.author_id::uuid) END)) AS author,
            m.content, m.created_at AS at,
            (SELECT jsonb_build_object('seq', o.seq, 'status', shown_status(o.status), 'failureClass', o.failure_class,
               'waitsFor', (SELECT 'customer' FROM conversations c WHERE c.account_id = $1 AND c.id = $2
                              AND c.window_closed_at IS NOT NULL AND o.status = 'pending'))
             FROM outbound o WHERE o.account_id = $1 AND o.message_id = m.id AND o.to_kind = 'channel' LIMIT 1) AS delivery,
            NULL AS visibility, m.client_id AS "clientId"
     FROM messages m
     WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.position IS NOT NULL AND m.status <> 'discarded'
       AND ($5::bigint IS NULL OR (m.position, 0::bigint) ${than} ($5, $6))
     ORDER BY m.position ${direction} LIMIT $4)`;

const comments = ({ direction, than }: Order): string => `
    (SELECT 'comment' AS kind, n.id, n.position, n.feed_id AS note,
            jsonb_build_object('kind', 'agent', 'id', n.agent_id,
                               'name', (SELECT name FROM agents a WHERE a.account_id = $1 AND a.id = n.agent_id)) AS author,
            CASE WHEN n.text IS NOT NULL THEN jsonb_build_object('text', n.text) END AS content, n.created_at AS at,
            NULL::jsonb AS delivery, n.visibility, NULL::text AS "clientId"
     FROM comments n
     WHERE n.account_id = $1 AND n.conversation_id = $2 AND (n.visibility <> 'personal' OR n.agent_id = $3)
       AND ($5::bigint IS NULL OR (n.position, n.feed_id) ${than} ($5, $6))
     ORDER BY n.position ${direction}, n.feed_id ${direction} LIMIT $4)`;

const parts = { messages, comments, all: (order: Order) => `${messages(order)} UNION ALL ${comments(order)}` };
