/**
 * Followers of accounts' feeds. At the live end an account's rows are read once and handed to all of its followers;
 * whoever has just come, or was too slow for its small queue, reads for itself until it is there (again).
 *
 * No gap and no repeat: a follower is registered before it reads for itself, so what its own reading did not show yet is
 * in its queue; and of what is in its queue it takes only what lies behind its place.
 */
import type { Pool } from '../store/connection.ts';
import { type FeedHorizon, type FeedPlace, type FeedRow, isAfter, readFeedHorizon } from '../store/feed.ts';
import { createLiveEnds, createReadFeed, type Reading } from './feed-ends.ts';
import { createQueue, type Queue } from './feed-queue.ts';
import type { WakeUps } from './wake-ups.ts';

export interface Follower {
  /** Sends what of the rows it may see, in order. False: it is gone. */
  take(rows: readonly FeedRow[]): Promise<boolean>;
  /** Is it still there, and still allowed to be? Asked from time to time. */
  check(): Promise<boolean>;
  readonly closed: Promise<void>;
}

export interface FeedHub {
  /** Where the feed stands, of whichever account. */
  horizon(): Promise<FeedHorizon>;
  /** Until the follower is gone. Throws where the feed can't be read: it comes back later, to its place. */
  follow(accountId: string, from: FeedPlace, follower: Follower): Promise<void>;
}

export interface FeedHubOptions {
  pool: Pool;
  wakeUps: WakeUps;
  /** A wake-up can get lost, and the horizon moves without one. */
  pollMs?: number;
  /** Between two looks at an account's live end: what commits meanwhile is read together. */
  restMs?: number;
  /** Rows that an older transaction holds back are looked for again after this. */
  heldMs?: number;
  /** Rows read at once; a follower's queue holds twice as many. */
  page?: number;
}

export function createFeedHub({
  pool,
  wakeUps,
  pollMs = 5_000,
  restMs = 20,
  heldMs = 25,
  page = 500,
}: FeedHubOptions): FeedHub {
  const read = createReadFeed(pool, page);
  const ends = createLiveEnds({ read, horizon: () => readFeedHorizon(pool), wakeUps, pollMs, restMs, heldMs });
  return {
    horizon: () => readFeedHorizon(pool),
    async follow(accountId, from, follower) {
      const queue = createQueue(page * 2);
      void follower.closed.then(queue.close);
      const end = ends.enter(accountId, queue);
      try {
        await end.ready;
        await tell(follower, from, { queue, pollMs, readAfter: (place) => read(accountId, place) });
      } finally {
        ends.leave(accountId, end, queue);
      }
    },
  };
}

interface Sources {
  /** What comes at the live end. */
  queue: Queue;
  /** What stands behind a place, for whoever isn't there (any more). */
  readAfter(place: FeedPlace): Promise<Reading>;
  pollMs: number;
}

/** Until the follower is gone. */
async function tell(follower: Follower, from: FeedPlace, { queue, readAfter, pollMs }: Sources): Promise<void> {
  let place = from;
  const take = async (rows: readonly FeedRow[]): Promise<boolean> => {
    const fresh = rows.filter((row) => isAfter(row.place, place));
    place = fresh.at(-1)?.place ?? place;
    return fresh.length === 0 || follower.take(fresh);
  };
  const catchUp = async (): Promise<boolean> => {
    for (;;) {
      const { rows, complete } = await readAfter(place);
      if (!(await take(rows))) return false;
      if (complete) return true;
    }
  };
  if (!(await catchUp())) return;
  let checkedAt = performance.now();
  for (;;) {
    const news = await queue.next(pollMs);
    if (news === 'closed') return;
    if (news === 'overflown' ? !(await catchUp()) : !(await take(news))) return;
    if (performance.now() - checkedAt < pollMs) continue;
    if (!(await follower.check())) return;
    checkedAt = performance.now();
  }
}
