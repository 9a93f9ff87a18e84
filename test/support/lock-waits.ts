import type { Pool } from '../../store/connection.ts';
import { until } from './until.ts';

/** Until one connection to the pool's database, or as many as are meant, waits for a lock that another holds. */
export async function somebodyWaits(pool: Pool, howMany = 1): Promise<void> {
  await until(async () => {
    const { rows } = await pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length === howMany;
  });
}
