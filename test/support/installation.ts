/**
 * Baton as it is installed: a Postgres and a Temporal of its own, an API with its courier and workers, each a process that
 * can be killed and comes back at the same address.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { type Postgres, startPostgres } from '../../dev/servers/postgres.ts';
import { freePorts } from '../../dev/servers/ports.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { startTemporal, type Temporal } from '../../dev/servers/temporal.ts';
import { writeBundle } from '../../worker/bundle.ts';
import { createDatabaseOn, type TestDatabase } from './database-server.ts';
import { type OwnProcess, startOwnProcess } from './own-process.ts';
import { required } from './required.ts';

export interface Installation {
  /** Of the API. */
  readonly url: string;
  readonly operatorKey: string;
  readonly temporalAddress: string;
  readonly database: TestDatabase;
  /** The build that its workers are of. */
  readonly build: string;
  /** kill -9, and started again. Resolves when it is up. */
  killApi(): Promise<void>;
  killWorker(no: number): Promise<void>;
  /** Postgres's immediate shutdown: it goes as in a crash, and recovers when it starts. */
  crashPostgres(): Promise<void>;
  /** Copies of both stores' files as they are now; the servers are down meanwhile, as in a cold backup. */
  backUp(): Promise<Backup>;
  /** Everything stops, these stores are put back, and everything starts; `meanwhile` runs while only the servers are up. */
  restore(stores: Partial<Backup>, meanwhile?: () => Promise<void>): Promise<void>;
  stopTemporal(): Promise<void>;
  resumeTemporal(): Promise<void>;
  stop(): Promise<void>;
}

/** Paths of the copies; of Temporal null: nothing is left of it. */
export interface Backup {
  postgres: string;
  temporal: string | null;
}

const secret = 's'.repeat(40);
const build = 'installed';
const quiet = (): void => undefined;
const run = promisify(execFile);

export interface InstallOptions {
  workers?: number;
  /** For API and workers alike. */
  environment?: Record<string, string>;
}

export async function install({ workers = 1, environment = {} }: InstallOptions = {}): Promise<Installation> {
  const dir = await mkdtemp(join(runsDir, 'installation-'));
  const dataDir = join(dir, 'postgres');
  const temporalDir = join(dir, 'temporal');
  let postgres: Postgres = await startPostgres({ dataDir, log: quiet });
  let temporal: Temporal = await startTemporal({ dataDir: temporalDir, log: quiet });
  if (postgres.pid === undefined || temporal.pid === undefined) {
    throw new Error('These servers are to be killed: unset DATABASE_URL and TEMPORAL_ADDRESS');
  }
  const database = await createDatabaseOn(postgres.adminUrl);
  const bundle = join(dir, 'workflows.js');
  await writeBundle(bundle);

  const { address } = temporal;
  const [port] = await freePorts();
  const url = `http://127.0.0.1:${port}`;
  const shared = { ...environment, TEMPORAL_ADDRESS: address, BATON_TOKEN_KEY: secret, BATON_PUBLIC_URL: url };
  const api = await startKept(() =>
    startOwnProcess('api/main.ts', {
      ...shared,
      BATON_DATABASE_URL: database.apiUrl,
      BATON_COURIER_DATABASE_URL: database.courierUrl,
      BATON_JWT_KEYS: secret,
      BATON_OPERATOR_KEY: secret,
      PORT: String(port),
    }),
  );
  const worker = (): OwnProcess =>
    startOwnProcess('worker/main.ts', {
      ...shared,
      BATON_DATABASE_URL: database.workerUrl,
      BATON_WORKFLOW_BUNDLE: bundle,
      BATON_BUILD: build,
      PORT: '0',
    });
  const running = await Promise.all(Array.from({ length: workers }, () => startKept(worker)));

  const startServers = async (): Promise<void> => {
    postgres = await startPostgres({ dataDir, port: Number(new URL(postgres.adminUrl).port), log: quiet });
    temporal = await startTemporal({ dataDir: temporalDir, port: Number(address.split(':')[1]), log: quiet });
  };
  const stopServers = async (): Promise<void> => {
    await temporal.stop();
    await postgres.stop();
  };
  const pgdata = await dataDirectoryOf(database);
  let backups = 0;

  return {
    url,
    operatorKey: secret,
    temporalAddress: address,
    database,
    build,
    killApi: api.killed,
    killWorker: (no) => required(running[no]).killed(),
    async crashPostgres() {
      postgres.kill('SIGQUIT');
      await postgres.stop();
      postgres = await startPostgres({ dataDir, port: Number(new URL(postgres.adminUrl).port), log: quiet });
    },
    async backUp() {
      backups += 1;
      const copies = { postgres: join(dir, `postgres-${backups}`), temporal: join(dir, `temporal-${backups}`) };
      await stopServers();
      // With owner and mode: Postgres looks at both.
      await run('cp', ['-a', pgdata, copies.postgres]);
      await run('cp', ['-a', temporalDir, copies.temporal]);
      await startServers();
      return copies;
    },
    async restore(stores, meanwhile) {
      await Promise.all([api, ...running].map((one) => one.stop()));
      await stopServers();
      if (stores.postgres !== undefined) await replace(pgdata, stores.postgres);
      if (stores.temporal !== undefined) await replace(temporalDir, stores.temporal);
      await startServers();
      await meanwhile?.();
      await Promise.all([api, ...running].map((one) => one.resume()));
    },
    stopTemporal: () => temporal.stop(),
    async resumeTemporal() {
      temporal = await startTemporal({ dataDir: temporalDir, port: Number(address.split(':')[1]), log: quiet });
    },
    async stop() {
      await Promise.all([api, ...running].map((one) => one.stop()));
      await Promise.all([temporal.stop(), postgres.stop()]);
      await removeDataDir(dataDir);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function replace(path: string, copy: string | null): Promise<void> {
  await rm(path, { recursive: true });
  await (copy === null ? mkdir(path) : run('cp', ['-a', copy, path]));
}

async function dataDirectoryOf({ adminUrl }: TestDatabase): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return required(rows[0]).data_directory;
  } finally {
    await client.end();
  }
}

interface Kept {
  killed(): Promise<void>;
  /** After `stop`. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

const isUp = { api: 'listening', worker: 'worker runs' };

async function startKept(start: () => OwnProcess): Promise<Kept> {
  const up = async (): Promise<OwnProcess> => {
    const started = start();
    const said = Object.values(isUp).map((words) => started.says(words));
    const ended = started.ended.then(() => Promise.reject(new Error(`It ended:\n${started.lines.join('\n')}`)));
    await Promise.race([...said, ended]);
    for (const late of [...said, ended]) late.catch(quiet);
    return started;
  };
  let running = await up();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    running.child.kill(signal);
    await running.ended;
  };
  return {
    async killed() {
      await end('SIGKILL');
      running = await up();
    },
    async resume() {
      running = await up();
    },
    stop: () => end('SIGKILL'),
  };
}
