/** The clock that all processes share. */
import type { Pool } from './connection.ts';

/** epoch ms, as of the answer. */
export async function readClock(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ now: number }>({
    name: 'read-clock',
    text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  });
  const [row] = rows;
  if (!row) throw new Error('no-answer');
  return row.now;
}
