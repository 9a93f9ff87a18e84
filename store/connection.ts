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

const sessionSettings = [
  // A transaction that was forgotten open would hold back the feed of every client.
  'idle_in_transaction_session_timeout=10000',
  'statement_timeout=15000',
  // What is asked for each message is in memory. By the default, which is for discs that turn, Postgres reads the whole of a
  // small table rather than its index: a few hundred customers, twice for each message.
  'random_page_cost=1.1',
];

export function createPool({ url, max, name }: ConnectionOptions): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    options: sessionSettings.map((setting) => `-c ${setting}`).join(' '),
  });
  // A connection that breaks says so to whoever uses it, and an idle one is replaced at the next use. Without a listener it
  // would end the process: the pool listens to those that are idle only.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Runs `work` in one transaction bound to the account. Commits when it returns, rolls back when it throws. */
export function inAccount<T>(pool: Pool, accountId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return inSession(pool, (session) => session.inAccount(accountId, work));
}

/** One connection, on which transactions follow one another. */
export interface Session {
  query: pg.PoolClient['query'];
  inAccount<T>(accountId: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** What the server keeps for this connection (locks) goes with it: nobody gets it again. */
  close(because: Error): void;
}

export async function inSession<T>(pool: Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const close = (because: Error): void => {
    broken = because;
  };
  try {
    return await work({
      query: client.query.bind(client),
      inAccount: (accountId, inside) => transact(client, accountId, { inside, close }),
      close,
    });
  } finally {
    client.release(broken);
  }
}

interface Transacted<T> extends Pick<Session, 'close'> {
  inside: (tx: Transaction) => Promise<T>;
}

async function transact<T>(client: pg.PoolClient, accountId: string, { inside, close }: Transacted<T>): Promise<T> {
  try {
    await client.query('BEGIN');
    await client.query({
      name: 'set-account',
      text: "SELECT set_config('baton.account', $1, true)",
      values: [accountId],
    });
    const result = await inside(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(close);
    // Made while the database took no writes, or leading to a server that no longer takes any: it would stay so.
    if (isReadOnly(error)) close(error);
    throw error;
  }
}
