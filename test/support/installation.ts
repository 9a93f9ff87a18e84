/**
 * Baton as it is installed: a Postgres and a Temporal of its own, API processes with their couriers and workers, each a
 * process that can be killed and comes back at the same address.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPrograms } from '../../dev/build/programs.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { type Postgres, startPostgres } from '../../dev/servers/postgres.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { startTemporal, type Temporal } from '../../dev/servers/temporal.ts';
import { startTemporalOnPostgres } from '../../dev/servers/temporal-on-postgres.ts';
import { createDatabaseOn, type TestDatabase } from './database-server.ts';
import { type KeptProcess, startKept } from './kept-process.ts';
import { lastingPorts } from './lasting-ports.ts';
import { startOwnProcess } from './own-process.ts';
import { required } from './required.ts';
import { copyTo, dataDirectoryOf, putBack } from './store-copies.ts';

export interface Installation {
  /** Of the first API. */
  readonly url: string;
  readonly urls: string[];
  readonly operatorKey: string;
  readonly temporalAddress: string;
  readonly database: TestDatabase;
  /** The build that its workers are of, and the file of their workflows. */
  readonly build: string;
  readonly bundle: string;
  readonly apis: KeptProcess[];
  readonly workers: KeptProcess[];
  /** kill -9, and started again. Resolves when it is up. */
  killApi(no?: number): Promise<void>;
  killWorker(no: number): Promise<void>;
  /** kill -9 of its first process, which takes all others with it; it recovers when it starts. */
  crashPostgres(): Promise<void>;
  /** Copies of both stores' files as they are now; the servers are down meanwhile, as in a cold backup. */
  backUp(): Promise<Backup>;
  /** Everything stops, these stores are put back, and everything starts; `meanwhile` runs while only the servers are up. */
  restore(stores: Partial<Backup>, meanwhile?: () => Promise<void>): Promise<void>;
  stopTemporal(): Promise<void>;
  crashTemporal(): Promise<void>;
  resumeTemporal(): Promise<void>;
  stop(): Promise<void>;
}

/** Paths of the copies; of Temporal null: nothing is left of it. */
export interface Backup {
  postgres: string;
  temporal: string | null;
}

export interface InstallOptions {
  workers?: number;
  apis?: number;
  /** Temporal in a file of its own, or on a Postgres of its own. */
  server?: 'dev' | 'postgres';
  /** Where outside systems reach it, if that is not the first API itself. */
  publicUrl?: string;
  /** For API and workers alike. */
  environment?: Record<string, string>;
}

const secret = 's'.repeat(40);
const build = 'installed';
const quiet = (): void => undefined;

export async function install(options: InstallOptions = {}): Promise<Installation> {
  const { workers = 1, apis = 1, server = 'dev', environment = {} } = options;
  await mkdir(runsDir, { recursive: true });
  const dir = await mkdtemp(join(runsDir, 'installation-'));
  const dataDir = join(dir, 'postgres');
  const [postgresPort, temporalPort, ...ports] = await lastingPorts(2 + apis);
  let postgres: Postgres = await startPostgres({ dataDir, port: required(postgresPort), log: quiet });
  const temporal = await startKeptTemporal(dir, server, required(temporalPort));
  if (postgres.pid === undefined || temporal.pid() === undefined) {
    throw new Error('These servers are to be killed: unset DATABASE_URL and TEMPORAL_ADDRESS');
  }
  const database = await createDatabaseOn(postgres.adminUrl);
  const programs = join(dir, 'programs');
  await buildPrograms(programs);
  const bundle = join(programs, 'workflow-bundle.js');

  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const shared = {
    ...environment,
    TEMPORAL_ADDRESS: temporal.address,
    BATON_TOKEN_KEY: secret,
    BATON_PUBLIC_URL: options.publicUrl ?? required(urls[0]),
  };
  const api = (port: number): Promise<KeptProcess> =>
    startKept('listening', (settings) =>
      startOwnProcess(join(programs, 'api.js'), {
        ...shared,
        BATON_DATABASE_URL: database.apiUrl,
        BATON_COURIER_DATABASE_URL: database.courierUrl,
        BATON_JWT_KEYS: secret,
        BATON_OPERATOR_KEY: secret,
        PORT: String(port),
        ...settings,
      }),
    );
  const worker = (): Promise<KeptProcess> =>
    startKept('worker runs', (settings) =>
      startOwnProcess(join(programs, 'worker.js'), {
        ...shared,
        BATON_DATABASE_URL: database.workerUrl,
        BATON_WORKFLOW_BUNDLE: bundle,
        BATON_BUILD: build,
        PORT: '0',
        ...settings,
      }),
    );
  const running = {
    apis: await Promise.all(ports.map(api)),
    workers: await Promise.all(Array.from({ length: workers }, worker)),
  };

  const startPostgresAgain = async (): Promise<void> => {
    postgres = await startPostgres({ dataDir, port: Number(new URL(postgres.adminUrl).port), log: quiet });
  };
  const startServers = async (): Promise<void> => {
    await startPostgresAgain();
    await temporal.resume();
  };
  const stopServers = async (): Promise<void> => {
    await temporal.stop();
    await postgres.stop();
  };
  const processes = [...running.apis, ...running.workers];
  const pgdata = await dataDirectoryOf(database);
  let backups = 0;

  return {
    url: required(urls[0]),
    urls,
    operatorKey: secret,
    temporalAddress: temporal.address,
    database,
    build,
    bundle,
    ...running,
    killApi: (no = 0) => required(running.apis[no]).killed(),
    killWorker: (no) => required(running.workers[no]).killed(),
    async crashPostgres() {
      postgres.kill('SIGKILL');
      await postgres.stop();
      await startPostgresAgain();
    },
    async backUp() {
      backups += 1;
      const copies = { postgres: join(dir, `postgres-${backups}`), temporal: join(dir, `temporal-${backups}`) };
      await stopServers();
      await copyTo(copies.postgres, pgdata);
      await copyTo(copies.temporal, temporal.dataDir);
      await startServers();
      return copies;
    },
    async restore(stores, meanwhile) {
      await Promise.all(processes.map((one) => one.end('SIGKILL')));
      await stopServers();
      if (stores.postgres !== undefined) await putBack(pgdata, stores.postgres);
      if (stores.temporal !== undefined) await putBack(temporal.dataDir, stores.temporal);
      await startServers();
      await meanwhile?.();
      await Promise.all(processes.map((one) => one.start()));
    },
    stopTemporal: temporal.stop,
    crashTemporal: temporal.crash,
    resumeTemporal: temporal.resume,
    async stop() {
      await Promise.all(processes.map((one) => one.end('SIGKILL')));
      await Promise.all([temporal.close(), postgres.stop()]);
      await removeDataDir(dataDir);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

interface KeptTemporal {
  address: string;
  /** In which it keeps what it has, where that is a file. */
  dataDir: string;
  pid(): number | undefined;
  stop(): Promise<void>;
  crash(): Promise<void>;
  /** At the same address, with what it had. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

async function startKeptTemporal(dir: string, server: 'dev' | 'postgres', port: number): Promise<KeptTemporal> {
  const dataDir = join(dir, 'temporal');
  const postgresDir = join(dir, 'temporal-postgres');
  const postgres = server === 'postgres' ? await startPostgres({ dataDir: postgresDir, log: quiet }) : null;
  const start = (): Promise<Temporal> => {
    const at = { dataDir, log: quiet, port };
    return postgres ? startTemporalOnPostgres({ ...at, postgresUrl: postgres.adminUrl }) : startTemporal(at);
  };
  let temporal = await start();
  const { address } = temporal;
  return {
    address,
    dataDir,
    pid: () => temporal.pid,
    stop: () => temporal.stop(),
    async crash() {
      temporal.kill('SIGKILL');
      await temporal.stop();
    },
    async resume() {
      temporal = await start();
    },
    async close() {
      await temporal.stop();
      await postgres?.stop();
      if (postgres) await removeDataDir(postgresDir);
    },
  };
}
