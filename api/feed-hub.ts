/**
 * Followers of accounts' feeds. At the live end an account's rows are read once and handed to all of its followers;
 * whoever has just come, or was too slow for its small queue, reads for itself until it is there (again).
 *
 * No gap and no repeat: a follower is registered before it reads for itself, so what its own reading did not show yet is
 * in its queue; and of what is in its queue it takes only what lies behind its place.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from '../store/connection.ts';
import {
  type FeedHorizon,
  type FeedPlace,
  type FeedRow,
  isAfter,
  readFeedHorizon,
  readFeedPage,
} from '../store/feed.ts';
import { oneAtATime } from './one-at-a-time.ts';
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

/** The live end of an account's feed, while somebody follows it. */
interface LiveEnd {
  readonly queues: Set<Queue>;
  /** Its first place is known: whoever reads from now on reads up to it at least. */
  readonly ready: Promise<void>;
  stop(): void;
}

interface Reading {
  rows: FeedRow[];
  /** There is nothing more to be shown now. */
  complete: boolean;
  /** Something is committed that can't be shown yet. */
  held: boolean;
}

export function createFeedHub({
  pool,
  wakeUps,
  pollMs = 5_000,
  restMs = 20,
  heldMs = 25,
  page = 500,
}: FeedHubOptions): FeedHub {
  const ends = new Map<string, LiveEnd>();

  const read = async (accountId: string, after: FeedPlace): Promise<Reading> => {
    const { rows, held } = await readFeedPage(pool, accountId, { after, limit: page });
    return { rows, complete: rows.length < page, held };
  };

  const openEnd = (accountId: string): LiveEnd => {
    const queues = new Set<Queue>();
    let place: FeedPlace | null = null;
    let heldTimer: NodeJS.Timeout | undefined;

    const advance = async (from: FeedPlace): Promise<boolean> => {
      const { rows, complete, held } = await read(accountId, from);
      place = rows.at(-1)?.place ?? from;
      if (rows.length > 0) queues.forEach((queue) => queue.push(rows));
      if (complete && held && queues.size > 0) heldTimer = setTimeout(look.soon, heldMs);
      return !complete;
    };

    const fail = (error: unknown): void => queues.forEach((queue) => queue.fail(error));
    const look = oneAtATime(async () => {
      clearTimeout(heldTimer);
      while (place !== null && queues.size > 0 && (await advance(place))) {
        // There is more.
      }
      if (queues.size > 0) await pause(restMs);
    }, fail);

    const ready = readFeedHorizon(pool).then(({ now }) => {
      place = now;
      look.soon();
    });
    const off = wakeUps.onFeed(accountId, look.soon);
    const poll = setInterval(look.soon, pollMs);
    return {
      queues,
      ready,
      stop() {
        off();
        clearInterval(poll);
        clearTimeout(heldTimer);
      },
    };
  };

  const enter = (accountId: string, queue: Queue): LiveEnd => {
    const end = ends.get(accountId) ?? openEnd(accountId);
    ends.set(accountId, end);
    end.queues.add(queue);
    return end;
  };

  const leave = (accountId: string, end: LiveEnd, queue: Queue): void => {
    end.queues.delete(queue);
    if (end.queues.size > 0) return;
    end.stop();
    if (ends.get(accountId) === end) ends.delete(accountId);
  };

  return {
    horizon: () => readFeedHorizon(pool),
    async follow(accountId, from, follower) {
      const queue = createQueue(page * 2);
      void follower.closed.then(queue.close);
      const end = enter(accountId, queue);
      let place = from;
      const take = async (rows: readonly FeedRow[]): Promise<boolean> => {
        const fresh = rows.filter((row) => isAfter(row.place, place));
        place = fresh.at(-1)?.place ?? place;
        return fresh.length === 0 || follower.take(fresh);
      };
      const catchUp = async (): Promise<boolean> => {
        for (;;) {
          const { rows, complete } = await read(accountId, place);
          if (!(await take(rows))) return false;
          if (complete) return true;
        }
      };
      try {
        await end.ready;
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
      } finally {
        leave(accountId, end, queue);
      }
    },
  };
}

/** Rows on their way to one follower. */
interface Queue {
  push(rows: readonly FeedRow[]): void;
  fail(error: unknown): void;
  close(): void;
  /** Empty after `waitMs` without any. `overflown`: there were more than it holds; it is empty, and holds what comes now. */
  next(waitMs: number): Promise<readonly FeedRow[] | 'overflown' | 'closed'>;
}

function createQueue(most: number): Queue {
  let rows: FeedRow[] = [];
  let state: 'open' | 'overflown' | 'closed' | 'failed' = 'open';
  let failure: unknown;
  let wake = (): void => undefined;
  const enter = (next: typeof state): void => {
    if (state !== 'closed') state = next;
    rows = [];
    wake();
  };
  return {
    push(more) {
      if (state !== 'open') return;
      if (rows.length + more.length > most) return enter('overflown');
      rows.push(...more);
      wake();
    },
    fail(error) {
      failure = error;
      enter('failed');
    },
    close: () => enter('closed'),
    async next(waitMs) {
      if (rows.length === 0 && state === 'open') {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, waitMs);
        });
        clearTimeout(timer);
      }
      if (state === 'failed') throw failure;
      if (state === 'closed') return 'closed';
      if (state === 'overflown') {
        state = 'open';
        return 'overflown';
      }
      return rows.splice(0);
    },
  };
}
