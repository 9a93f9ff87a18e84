/** Rows on their way to one follower of a feed: as many as it holds, and then that there were more. */
import type { FeedRow } from '../store/feed.ts';

export interface Queue {
  push(rows: readonly FeedRow[]): void;
  fail(error: unknown): void;
  close(): void;
  /** Empty after `waitMs` without any. `overflown`: there were more than it holds; it is empty, and holds what comes now. */
  next(waitMs: number): Promise<readonly FeedRow[] | 'overflown' | 'closed'>;
}

/** `most`: rows that it holds. */
export function createQueue(most: number): Queue {
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
