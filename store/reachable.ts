/** Does Postgres answer us? For readiness. */
import type { Pool } from './connection.ts';
import { postgresIsAway } from './failures.ts';

/** null: it does. Else `away`, which passes by itself, or `refuses` with why (SQLSTATE), which wants somebody to look. */
export async function whyUnreachable(pool: Pool): Promise<string | null> {
  try {
    await pool.query('SELECT 1');
    return null;
  } catch (error) {
    if (postgresIsAway(error)) return 'away';
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
    return `refuses (${code})`;
  }
}
