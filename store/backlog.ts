/** How many inbox rows are stored and not decided on. Past a limit, nothing more is accepted: what is acknowledged must get through. */
import type { Pool } from './connection.ts';

export async function readBacklog(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>({
    name: 'inbox-backlog',
    text: 'SELECT inbox_backlog() AS waiting',
  });
  return rows[0]?.waiting ?? 0;
}

export interface BacklogGauge {
  /** As of the last reading, a second old at most while it is asked. */
  isFull(): boolean;
  /** As read last, for metrics, and when that was. */
  readonly waiting: number;
  readonly readAt: number;
}

export interface BacklogOptions {
  pool: Pool;
  /** Rows over all accounts. */
  limit: number;
  /** How long a reading is good. */
  maxAgeMs?: number;
  clock?: () => number;
  /** It could not be read: the last reading stands. */
  failed(error: unknown): void;
}

/** Never waits: whoever asks has a new reading made for those who ask later. One reading serves them all. */
export function createBacklogGauge({
  pool,
  limit,
  maxAgeMs = 1_000,
  clock = Date.now,
  failed,
}: BacklogOptions): BacklogGauge {
  let waiting = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    try {
      waiting = await readBacklog(pool);
    } catch (error) {
      failed(error); // whoever wants to store something will be told that Postgres is away
    }
    readAt = clock();
    reading = null;
  };

  return {
    isFull() {
      if (clock() - readAt >= maxAgeMs) reading ??= read();
      return waiting > limit;
    },
    get waiting() {
      return waiting;
    },
    get readAt() {
      return readAt;
    },
  };
}
