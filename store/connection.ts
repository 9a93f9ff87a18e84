/**
 * Connections and transactions. Every statement runs bound to an account: `inAccount` sets it first, row-level security
 * reads it, and a statement outside of it fails. Without an account work only the courier's role, on its own tables, and the few
 * functions that bind themselves to the account that they are given or look up.
 */
import pg from 'pg';
import { isReadOnly } from './failures.ts';

export type Pool = pg.Pool;
/** A connection inside a transaction that is bound to one account. */
export type Transaction = Pick<pg.PoolClient, 'query'>;

// bigint columns (places, versions, times in ms) stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface ConnectionOptions {
  url: string;
  /** Connections at most; the sum over all processes must stay below the server's `max_connections`. */
  max: number;
  name: string;
}

export function createPool({ url, max, name }: ConnectionOptions): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    // A transaction that was forgotten open would hold back the feed of every client.
    options: '-c idle_in_transaction_session_timeout=10000 -c statement_timeout=15000',
  });
  // A connection that breaks says so to whoever uses it, and an idle one is replaced at the next use. Without a listener it
  // would end the process: the pool listens to those that are idle only.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Runs `work` in one transaction bound to the account. Commits when it returns, rolls back when it throws. */
export async function inAccount<T>(pool: Pool, accountId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    await client.query({
      name: 'set-account',
      text: "SELECT set_config('baton.account', $1, true)",
      values: [accountId],
    });
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    // Made while the database took no writes, or leading to a server that no longer takes any: it would stay so.
    if (isReadOnly(error)) broken = error;
    throw error;
  } finally {
    client.release(broken);
  }
}
