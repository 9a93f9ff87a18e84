/**
 * What agents' clients follow: domain events, comments, receipts and erasures of an account in one order, that of (transaction
 * id, feed id). A transaction that began early may commit late, so only rows below the oldest running one are shown: nothing
 * can come in below a cursor any more, and a cursor misses nothing.
 */
import { callFunction } from './call.ts';
import type { Pool } from './connection.ts';
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
}

interface Shown {
  place: FeedPlace;
  at: Date;
}

interface OfConversation extends Shown {
  conversationId: string;
  /** As it stands now; decides who sees the row. */
  belongs: Belonging;
}

/** Comes once nothing of the contact can be read any more; these are the conversations in which they had words. */
export interface ErasureRow extends Shown {
  kind: 'erasure';
  erasure: { contactId: string; conversationIds: string[] };
}

export type ConversationRow = OfConversation &
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

export type FeedRow = ConversationRow | ErasureRow;

export function isAfter(one: FeedPlace, other: FeedPlace): boolean {
  return one.xid === other.xid ? one.feedId > other.feedId : one.xid > other.xid;
}

/** The same for all accounts. */
export async function readFeedHorizon(pool: Pool): Promise<FeedHorizon> {
  const { rows } = await pool.query<{ generation: number; oldest: string; next: string }>({
    name: 'feed-horizon',
    text: `SELECT feed_generation_now() AS generation,
                  pg_snapshot_xmin(pg_current_snapshot()) AS oldest, pg_snapshot_xmax(pg_current_snapshot()) AS next`,
  });
  const [row] = rows;
  if (row === undefined) throw new Error('no-horizon');
  const now = { xid: BigInt(row.oldest), feedId: 0n };
  return { generation: row.generation, now, next: BigInt(row.next) };
}

/** JSON cannot carry numbers of 64 bits: both parts of a place are text. */
interface StoredFeedRow {
  kind: FeedRow['kind'];
  xid: string;
  feedId: string;
  /** null: of none in particular. */
  conversationId: string | null;
  /** epoch ms */
  at: number;
  belongs: Belonging | null;
  body: object;
}

export interface FeedPage {
  rows: FeedRow[];
  /** Something is committed that can't be shown yet, because an older transaction runs. */
  held: boolean;
}

/**
 * Rows after a place that can be shown, in order, at most `limit`. One round trip (`feed_page`, 0052): whoever follows a feed
 * asks after every commit.
 */
export async function readFeedPage(
  pool: Pool,
  accountId: string,
  { after, limit }: { after: FeedPlace; limit: number },
): Promise<FeedPage> {
  const statement = { name: 'feed-page', text: 'SELECT feed_page($1, $2::xid8, $3, $4) AS answer' };
  const { rows, held } = await callFunction<{ rows: StoredFeedRow[]; held: boolean }>(pool, statement, [
    accountId,
    after.xid.toString(),
    after.feedId.toString(),
    limit,
  ]);
  return { rows: rows.map(asShown), held };
}

function asShown({ kind, xid, feedId, conversationId, at, belongs, body }: StoredFeedRow): FeedRow {
  const place = { xid: BigInt(xid), feedId: BigInt(feedId) };
  return { ...body, kind, place, conversationId, at: new Date(at), belongs } as FeedRow;
}
