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
/** Whose account is known already. */
export type InAccount = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

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
    // What needn't wait for an answer is sent behind what went before it: one round trip for both.
    pipeline: true,
    options: sessionSettings.map((setting) => `-c ${setting}`).join(' '),
  });
  // A connection that breaks says so to whoever uses it, and an idle one is replaced at the next use. Without a listener it
  // would end the process: the pool listens to those that are idle only.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Runs `work` in one transaction bound to the account. Commits when it returns, rolls back when it throws. It is begun on the way
 * to its first statement; statements that `work` doesn't wait for one by one are one round trip, carried out in their order, and
 * once one of them has failed, so do those behind it.
 */
export function inAccount<T>(pool: Pool, accountId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return inSession(pool, (session) => session.inAccount(accountId, work));
}

/**
 * Reads, in one round trip from the beginning to the end: `work` says all of its statements at once, before it waits for any. One
 * that it says later is bound to no account, and fails; so does a write.
 */
export function readInAccount<T>(pool: Pool, accountId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return inSession(pool, (session) => session.readInAccount(accountId, work));
}

/** One connection, on which transactions follow one another. */
export interface Session {
  query: pg.PoolClient['query'];
  inAccount<T>(accountId: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
  readInAccount<T>(accountId: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
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
      readInAccount: (accountId, inside) => read(client, accountId, { inside, close }),
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
  sendInOnePiece(client);
  const begun = begin(client, accountId, 'BEGIN');
  try {
    const result = await inside(client);
    await begun;
    await client.query('COMMIT');
    return result;
  } catch (failure) {
    // What comes behind a beginning that failed has failed for no reason of its own.
    const error: unknown = await begun.then(
      () => failure,
      (first: unknown) => first,
    );
    await client.query('ROLLBACK').catch(close);
    // Made while the database took no writes, or leading to a server that no longer takes any: it would stay so.
    if (isReadOnly(error)) close(error);
    throw error;
  }
}

async function read<T>(client: pg.PoolClient, accountId: string, { inside, close }: Transacted<T>): Promise<T> {
  sendInOnePiece(client);
  const [begun, result, ended] = await Promise.allSettled([
    begin(client, accountId, 'BEGIN READ ONLY'),
    inside(client),
    client.query('COMMIT'),
  ]);
  if (ended.status === 'rejected') close(ended.reason as Error);
  if (begun.status === 'rejected') throw begun.reason;
  if (result.status === 'rejected') throw result.reason;
  if (ended.status === 'rejected') throw ended.reason;
  return result.value;
}

/** Until this turn of the loop is over; each piece is a call of the system, here and at the server. */
function sendInOnePiece({ connection: { stream } }: pg.PoolClient): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** Not waited for: where it fails, so does what comes behind it, because nothing is seen or written without an account. */
function begin(client: pg.PoolClient, accountId: string, statement: string): Promise<unknown> {
  const begun = Promise.all([
    client.query(statement),
    client.query({
      name: 'set-account',
      text: "SELECT set_config('baton.account', $1, true)",
      values: [accountId],
    }),
  ]);
  begun.catch(() => undefined); // told by whoever waits for it later
  return begun;
}
