/**
 * What agents' clients follow: domain events, comments and receipts of an account in one order, that of (transaction id,
 * feed id). A transaction that began early may commit late, so only rows below the oldest running one are shown: nothing
 * can come in below a cursor any more, and a cursor misses nothing.
 */
import type { Transaction } from './connection.ts';
import type { StoredCause } from './event-pages.ts';
import type { Belonging } from './readers.ts';
import type { ConversationEvent } from '../workflows/conversation/events.ts';

/** A place in the feed: everything up to it has been seen. */
export interface FeedPlace {
  xid: bigint;
  feedId: bigint;
}

export interface FeedHorizon {
  /** Of the cluster: cursors of another one are good for nothing here. */
  generation: number;
  /** Everything that has been shown, or could be, lies before this. */
  now: FeedPlace;
  /** No transaction has this id yet: a cursor from here on is not of this cluster's life. */
  next: bigint;
  /** Something is committed that can't be shown yet, because an older transaction runs. */
  held: boolean;
}

interface Shown {
  place: FeedPlace;
  conversationId: string;
  at: Date;
  /** As it stands now; decides who sees the row. */
  belongs: Belonging;
}

export type FeedRow = Shown &
  (
    | {
        kind: 'event';
        no: number;
        event: ConversationEvent;
        cause: StoredCause;
        message: { id: string; author: { kind: string; name: string | null }; content: object | null } | null;
      }
    | {
        kind: 'comment';
        comment: { id: string; agentId: string | null; visibility: 'personal' | 'agents'; text: string | null };
      }
    | {
        kind: 'receipt';
        receipt: { outbound: number; messageId: string | null; status: string; class: string | null };
      }
  );

export function isAfter(one: FeedPlace, other: FeedPlace): boolean {
  return one.xid === other.xid ? one.feedId > other.feedId : one.xid > other.xid;
}

export async function readFeedHorizon(tx: Transaction, accountId: string): Promise<FeedHorizon> {
  const { rows } = await tx.query<{ generation: number; oldest: string; next: string; held: boolean }>({
    name: 'feed-horizon',
    text: `SELECT feed_generation_now() AS generation, oldest, next,
                  EXISTS (SELECT 1 FROM domain_events WHERE account_id = $1 AND xid >= oldest)
                  OR EXISTS (SELECT 1 FROM comments WHERE account_id = $1 AND xid >= oldest)
                  OR EXISTS (SELECT 1 FROM receipts WHERE account_id = $1 AND xid >= oldest) AS held
           FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest, pg_snapshot_xmax(pg_current_snapshot()) AS next) AS s`,
    values: [accountId],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('no-horizon');
  const now = { xid: BigInt(row.oldest), feedId: 0n };
  return { generation: row.generation, now, next: BigInt(row.next), held: row.held };
}

interface StoredFeedRow extends Belonging {
  kind: FeedRow['kind'];
  xid: string;
  feed_id: number;
  conversationId: string;
  at: Date;
  body: never;
}

/** Rows after `after` and before `until`, in order, at most `limit`. */
export async function readFeed(
  tx: Transaction,
  accountId: string,
  { after, until, limit }: { after: FeedPlace; until: FeedPlace; limit: number },
): Promise<FeedRow[]> {
  const { rows } = await tx.query<StoredFeedRow>({
    name: 'read-feed',
    text: `SELECT f.kind, f.xid, f.feed_id, f.conversation_id AS "conversationId", f.at, f.body,
                  c.agent_id AS "agentId", c.group_id AS "groupId", c.bot_id AS "botId"
           FROM (
             (SELECT 'event' AS kind, xid, feed_id, conversation_id, at, jsonb_build_object(
                'no', no, 'event', data->'event', 'cause', data->'cause',
                'message', (SELECT jsonb_build_object('id', m.id, 'content', m.content,
                              'author', jsonb_build_object('kind', m.author_kind, 'name', m.author_name))
                            FROM messages m WHERE m.account_id = e.account_id AND m.id = e.message_id)) AS body
              FROM domain_events e
              WHERE account_id = $1 AND (xid, feed_id) > ($2::xid8, $3) AND xid < $4::xid8 ORDER BY xid, feed_id LIMIT $5)
             UNION ALL
             (SELECT 'comment', xid, feed_id, conversation_id, created_at, jsonb_build_object('comment', jsonb_build_object(
                'id', id, 'agentId', agent_id, 'visibility', visibility, 'text', text))
              FROM comments
              WHERE account_id = $1 AND (xid, feed_id) > ($2::xid8, $3) AND xid < $4::xid8 ORDER BY xid, feed_id LIMIT $5)
             UNION ALL
             (SELECT 'receipt', xid, feed_id, conversation_id, at, jsonb_build_object('receipt', jsonb_build_object(
                'outbound', seq, 'status', status, 'class', class,
                'messageId', (SELECT o.message_id FROM outbound o
                              WHERE o.account_id = r.account_id AND o.conversation_id = r.conversation_id AND o.seq = r.seq)))
              FROM receipts r
              WHERE account_id = $1 AND (xid, feed_id) > ($2::xid8, $3) AND xid < $4::xid8 AND raised
              ORDER BY xid, feed_id LIMIT $5)
           ) AS f JOIN conversations c ON c.account_id = $1 AND c.id = f.conversation_id
           ORDER BY f.xid, f.feed_id LIMIT $5`,
    values: [accountId, after.xid.toString(), after.feedId.toString(), until.xid.toString(), limit],
  });
  return rows.map(({ kind, xid, feed_id, conversationId, at, body, agentId, groupId, botId }) => ({
    ...(body as object),
    kind,
    place: { xid: BigInt(xid), feedId: BigInt(feed_id) },
    conversationId,
    at,
    belongs: { agentId, groupId, botId },
  })) as FeedRow[];
}
