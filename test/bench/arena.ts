/**
 * What measures run in: servers with fsync on, a database of its own, API and worker as in production, one process each.
 * Load and measuring are this process, and reach the others by HTTP and signals only; it looks into the servers to count.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool as HttpPool } from 'undici';
import { v7 as uuid } from 'uuid';
import { connect, type Temporal } from '../../courier/connection.ts';
import type { Log } from '../../dev/servers/log.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { startPostgres } from '../../dev/servers/postgres.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { createDatabaseOn } from '../support/database-server.ts';
import { createAccount, type AccountWishes, type BenchAccount } from './account.ts';
import { freePort, longKey, prepareApi, preparePrograms, prepareWorker, type RestartableProcess } from './processes.ts';
import { startTemporalOf, type Surroundings, type TemporalKind } from './temporal-server.ts';

export interface Arena {
  temporal: Temporal;
  temporalAddress: string;
  url: string;
  /** Fresh for each measure: what another one has left is not in its lists and feeds. */
  createAccount(wishes?: AccountWishes): Promise<BenchAccount>;
  worker: RestartableProcess;
  /** A second API beside the one that runs, not started. */
  prepareApi(): Promise<RestartableProcess>;
  /** Of what works for a message: the bench itself, which makes the load, and what it started. */
  pids(): Record<string, number | undefined>;
  /** Superuser, for looking at what came of it. */
  admin: Pool;
  /** Of the servers. */
  versions: { postgres: string; temporal: string };
  /** What couriers have handed over so far. */
  handedOver(): Promise<{ batches: number; rows: number }>;
  /** Transactions that our database has committed so far, whoever's. */
  transactions(): Promise<number>;
  /** Bytes on disk. */
  sizes(): Promise<{ temporal: number; ours: number }>;
  close(): Promise<void>;
}

/** Of the load to the API. */
const connections = 64;

export async function openArena(kind: TemporalKind, log: Log): Promise<Arena> {
  const around = createSurroundings(log);
  try {
    return await open(kind, around);
  } catch (error) {
    await closeAll(around);
    throw error;
  }
}

function createSurroundings(log: Log): Surroundings {
  const closing: Surroundings['closing'] = [];
  return {
    closing,
    log,
    // One for each server, where the next run looks for what a killed one has left over.
    async folder(name) {
      await mkdir(runsDir, { recursive: true });
      const dir = await mkdtemp(join(runsDir, `bench-${name}-`));
      closing.push(() => removeDataDir(dir));
      return dir;
    },
  };
}

async function closeAll({ closing }: Surroundings): Promise<void> {
  for (const one of closing.splice(0).toReversed()) await one();
}

async function open(kind: TemporalKind, around: Surroundings): Promise<Arena> {
  const { closing, log, folder } = around;
  const postgres = await startPostgres({ dataDir: await folder('postgres'), log });
  closing.push(() => postgres.stop());
  const temporalServer = await startTemporalOf(kind, around);
  const { address } = temporalServer;
  const database = await createDatabaseOn(postgres.adminUrl);
  closing.push(() => database.drop());
  const admin = createPool({ url: database.adminUrl, max: 2, name: 'baton-bench' });
  closing.push(() => admin.end());
  const temporal = connect({ address, namespace: 'default' });
  closing.push(() => temporal.close());

  const settings = { address, taskQueue: `bench-${uuid()}`, database, programs: await preparePrograms(around) };
  const worker = await prepareWorker(settings, around);
  await worker.start();
  const port = await freePort();
  const api = await prepareApi(settings, port, around);
  await api.start();
  const url = `http://127.0.0.1:${port}`;
  const http = new HttpPool(url, { connections });
  closing.push(() => http.close());
  return {
    temporal,
    temporalAddress: address,
    url,
    createAccount: (wishes) => createAccount({ url, operatorKey: longKey, http, closing }, wishes),
    worker,
    prepareApi: async () => prepareApi(settings, await freePort(), around),
    pids: () => ({
      load: process.pid,
      API: api.pid(),
      worker: worker.pid(),
      Postgres: postgres.pid,
      ...temporalServer.pids,
    }),
    admin,
    versions: await versionsOf(admin, temporal),
    handedOver: () => handedOver(http),
    transactions: () =>
      ask(admin, 'SELECT xact_commit::float8 AS value FROM pg_stat_database WHERE datname = current_database()'),
    sizes: async () => ({
      temporal: await temporalServer.size(),
      ours: await ask(admin, 'SELECT pg_database_size(current_database())::float8 AS value'),
    }),
    close: () => closeAll(around),
  };
}

async function handedOver(http: HttpPool): Promise<{ batches: number; rows: number }> {
  const { body } = await http.request({ method: 'GET', path: '/metrics' });
  const text = await body.text();
  const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? NaN);
  return { batches: read('baton_courier_batches'), rows: read('baton_courier_rows') };
}

async function ask(admin: Pool, query: string): Promise<number> {
  const { rows } = await admin.query<{ value: number }>(query);
  return rows[0]?.value ?? NaN;
}

async function versionsOf(admin: Pool, { client }: Temporal): Promise<Arena['versions']> {
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
  const { serverVersion } = await client.connection.workflowService.getSystemInfo({});
  return { postgres: rows[0]?.server_version ?? '', temporal: serverVersion };
}
