/** How many inbox rows wait to be handed over. Past a limit, nothing more is accepted: what is acknowledged must get through. */
import type { Pool } from './connection.ts';

export async function readBacklog(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>({
    name: 'inbox-backlog',
    text: 'SELECT inbox_backlog() AS waiting',
  });
  return rows[0]?.waiting ?? 0;
}

export interface BacklogGauge {
  /** Seconds for `Retry-After`; null: there is room. A second old at most while it is asked. */
  overLimit(): Promise<number | null>;
  /** As read last, for metrics. */
  readonly waiting: number;
}

export interface BacklogOptions {
  pool: Pool;
  /** Rows over all accounts. */
  limit: number;
  /** How long a reading is good. */
  maxAgeMs?: number;
  clock?: () => number;
}

const retryAfterS = 5;

/** One reading serves all who ask meanwhile; a failed one says nothing, and the insert that follows will tell. */
export function createBacklogGauge({ pool, limit, maxAgeMs = 1_000, clock = Date.now }: BacklogOptions): BacklogGauge {
  let waiting = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    try {
      waiting = await readBacklog(pool);
    } catch {
      waiting = 0;
    } finally {
      readAt = clock();
      reading = null;
    }
  };

  return {
    async overLimit() {
      if (clock() - readAt >= maxAgeMs) reading ??= read();
      if (readAt === Number.NEGATIVE_INFINITY) await reading;
      return waiting > limit ? retryAfterS : null;
    },
    get waiting() {
      return waiting;
    },
  };
}
