/** Does Postgres answer? For readiness; a refusal is an answer to that as well. */
import type { Pool } from './connection.ts';

export function isReachable(pool: Pool): Promise<boolean> {
  return pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
}
