import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { clearLeftover, sweep } from './leftovers.ts';
import { type Log, logToStderr } from './log.ts';
import { type OsUser, unprivilegedUser } from './os-user.ts';
import { freePorts } from './ports.ts';
import { findPostgres } from './postgres-binaries.ts';
import { createData, majorOfData, passwordFor } from './postgres-data.ts';
import { binariesFor, homeFor } from './postgres-home.ts';
import { clearPostmasterPid } from './postmaster-pid.ts';
import { startProcess } from './process.ts';
import { startServer } from './start-server.ts';
import { runsDir } from './surroundings.ts';

export type Postgres = {
  /** As superuser, to the database `postgres`. */
  adminUrl: string;
  /** Undefined for a server that we did not start. */
  pid: number | undefined;
  stop: () => Promise<void>;
  /** Signals and returns at once; `stop` then waits until it is gone. */
  kill: (signal: NodeJS.Signals) => void;
};

export type PostgresOptions = {
  dataDir: string;
  /** That of a predecessor whose clients are still there; chosen by the system, if there is none. */
  port?: number;
  log?: Log;
  /** True unless said otherwise. Without it tests are faster, and a crash of the machine (not of Postgres) loses data. */
  fsync?: boolean;
};

/** Fast shutdown: ends connections instead of waiting for them. */
const STOP_SIGNAL = 'SIGINT';
const STOP_WITHIN_MS = 30_000;

/** The port went to somebody else, or connections of a Postgres that was killed are still about to notice. */
const PASSING = /Address already in use|pre-existing shared memory block/;

/**
 * Postgres with its data in `dataDir`, reachable from this machine with a password only. With `DATABASE_URL` set, that
 * server is used, none is started, and stop and kill do nothing. Throws `AlreadyRunning` if somebody else's server
 * works on `dataDir`.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { log = logToStderr, fsync = true } = options;
  const dataDir = resolve(options.dataDir);
  const given = process.env['DATABASE_URL'];
  if (given) return useGiven(given, log);

  await sweep(runsDir, log);
  await clearLeftover(dataDir, log);
  const data = await prepare(dataDir, log);
  await clearPostmasterPid(data.pgdata, log);

  let url = '';
  const server = await startServer(async () => {
    const port = options.port ?? (await freePorts())[0];
    url = `postgres://postgres:${data.password}@127.0.0.1:${port}/postgres`;
    return launch(data, dataDir, port, fsync, url);
  }, PASSING);
  log(`Postgres ${data.major} is up at 127.0.0.1:${new URL(url).port}`);
  return { adminUrl: url, pid: server.pid, stop: server.stop, kill: server.kill };
}

type Data = { pgdata: string; bin: string; major: number; password: string; user: OsUser | undefined };

async function prepare(dataDir: string, log: Log): Promise<Data> {
  const user = await unprivilegedUser();
  const home = await homeFor(user, dataDir, log);
  const pgdata = join(await realpath(home), 'pgdata');
  const password = await passwordFor(dataDir, pgdata);
  const present = await majorOfData(pgdata);
  const binaries = await findPostgres(present);
  const bin = await binariesFor(user, binaries.dir, home, log);
  const data = { pgdata, bin, major: binaries.major, password, user };
  if (present === undefined) await createData({ ...data, log });
  return data;
}

async function launch(data: Data, dir: string, port: number, fsync: boolean, url: string) {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    ...(!fsync && { fsync: 'off', full_page_writes: 'off' }),
  };
  const server = await startProcess({
    name: 'Postgres',
    command: join(data.bin, 'postgres'),
    args: ['-D', data.pgdata, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env: { ...process.env, LC_ALL: 'C' }, // its complaints are read here
    user: data.user,
    dir,
    stopSignal: STOP_SIGNAL,
    stopWithinMs: STOP_WITHIN_MS,
  });
  return { name: 'Postgres', server, isReady: async () => (await dataDirectoryAt(url)) === data.pgdata };
}

async function useGiven(url: string, log: Log): Promise<Postgres> {
  const { host } = new URL(url);
  try {
    await ask(url, 'SELECT 1');
  } catch (error) {
    throw new Error(`DATABASE_URL names ${host}, which can't be used. Correct the variable, or unset it.`, {
      cause: error,
    });
  }
  log(`using Postgres at ${host} (DATABASE_URL)`);
  return { adminUrl: url, pid: undefined, stop: async () => {}, kill: () => {} };
}

/** Tells our server from another one that may have got the port; undefined while nobody lets us in. */
async function dataDirectoryAt(url: string): Promise<unknown> {
  try {
    return await ask(url, `SELECT current_setting('data_directory') AS answer`);
  } catch {
    return undefined; // not up yet, or not ours
  }
}

async function ask(url: string, question: string): Promise<unknown> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ answer: unknown }>(question);
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}
