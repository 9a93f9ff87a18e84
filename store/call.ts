/**
 * Functions of the database that answer one JSON value: one round trip, one transaction, bound to the account by
 * themselves. Called on a pool, or within a transaction that goes on.
 */
import type pg from 'pg';

export type Queryable = Pick<pg.Pool | pg.PoolClient, 'query'>;

export async function callFunction<T>(
  db: Queryable,
  statement: { name: string; text: string },
  values: unknown[],
): Promise<T> {
  const { rows } = await (db as pg.Pool).query<{ answer: T }>({ ...statement, values });
  const [row] = rows;
  if (!row) throw new Error('no-answer');
  return row.answer;
}

/** JSON that Postgres takes whatever people wrote: it can store neither NUL nor half a character. */
export function storableJson(value: unknown): string {
  // What is left as an escape of a surrogate after `stringify` has no other half; `\\` is looked at to skip it.
  return JSON.stringify(value).replace(/\\(?:\\|u(?:0000|d[89a-f][0-9a-f]{2}))/g, (escape) =>
    escape === '\\\\' ? escape : '\ufffd',
  );
}
