/**
 * Which life of the store this is. A database that was put back from a backup gives out anew what it has given out since;
 * what leaves it carries the generation (places of the feed, send keys), so nobody takes the new for the old.
 */
import type { Pool } from './connection.ts';

/** A generation of its own from here on: an operator says that a copy was put back. Answers its number. */
export async function beginGeneration(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ generation: number }>('SELECT begin_generation() AS generation');
  return rows[0]?.generation ?? NaN;
}

/** What else a restore asks for has been done for this generation. */
export async function attendGeneration(pool: Pool, generation: number): Promise<void> {
  await pool.query('SELECT attend_generation($1)', [generation]);
}

/** Postgres was put back, and nobody has said so: actors may go on from what is no longer so. */
export async function isRestoreUnattended(pool: Pool): Promise<boolean> {
  const statement = { name: 'restore-unattended', text: 'SELECT is_restore_unattended() AS unattended' };
  const { rows } = await pool.query<{ unattended: boolean }>(statement);
  return rows[0]?.unattended === true;
}
