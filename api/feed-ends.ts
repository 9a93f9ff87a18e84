/**
 * The live ends of accounts' feeds, each for as long as somebody follows it: rows are read once, when something has
 * committed or might have, and put into the queues of all who follow.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from '../store/connection.ts';
import { type FeedHorizon, type FeedPlace, type FeedRow, readFeedPage } from '../store/feed.ts';
import type { Queue } from './feed-queue.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { WakeUps } from './wake-ups.ts';

export interface Reading {
  rows: FeedRow[];
  /** There is nothing more to be shown now. */
  complete: boolean;
  /** Something is committed that can't be shown yet. */
  held: boolean;
}

type ReadFeed = (accountId: string, after: FeedPlace) => Promise<Reading>;

export function createReadFeed(pool: Pool, page: number): ReadFeed {
  return async (accountId, after) => {
    const { rows, held } = await readFeedPage(pool, accountId, { after, limit: page });
    return { rows, complete: rows.length < page, held };
  };
}

interface LiveEnd {
  readonly queues: Set<Queue>;
  /** Its first place is known: whoever reads from now on reads up to it at least. */
  readonly ready: Promise<void>;
  stop(): void;
}

interface LiveEnds {
  enter(accountId: string, queue: Queue): LiveEnd;
  leave(accountId: string, end: LiveEnd, queue: Queue): void;
}

interface LiveEndsOptions {
  read: ReadFeed;
  horizon(): Promise<FeedHorizon>;
  wakeUps: WakeUps;
  pollMs: number;
  restMs: number;
  heldMs: number;
}

export function createLiveEnds(options: LiveEndsOptions): LiveEnds {
  const ends = new Map<string, LiveEnd>();
  return {
    enter(accountId, queue) {
      const end = ends.get(accountId) ?? openEnd(accountId, options);
      ends.set(accountId, end);
      end.queues.add(queue);
      return end;
    },
    leave(accountId, end, queue) {
      end.queues.delete(queue);
      if (end.queues.size > 0) return;
      end.stop();
      if (ends.get(accountId) === end) ends.delete(accountId);
    },
  };
}

function openEnd(accountId: string, { read, horizon, wakeUps, pollMs, restMs, heldMs }: LiveEndsOptions): LiveEnd {
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

  const ready = horizon().then(({ now }) => {
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
}
