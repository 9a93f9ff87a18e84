/**
 * What a measure runs in: servers with fsync on, a database of its own, API (with its courier) and worker as in
 * production, one process each. Load and measuring are this process.
 */
import { once } from 'node:events';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { Pool as HttpPool } from 'undici';
import { v7 as uuid } from 'uuid';
import { connect, type Temporal } from '../../courier/connection.ts';
import { startNode } from '../../dev/processes.ts';
import type { Log } from '../../dev/servers/log.ts';
import { freePorts } from '../../dev/servers/ports.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { startPostgres } from '../../dev/servers/postgres.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { startTemporalOnPostgres } from '../../dev/servers/temporal-on-postgres.ts';
import { startTemporal, type Temporal as StartedTemporal } from '../../dev/servers/temporal.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { createDatabaseOn } from '../support/database-server.ts';
import { createAccount, type BenchAccount } from './account.ts';

/** Temporal's dev server with a file, or its server on a Postgres. */
export type TemporalKind = 'dev' | 'postgres';

export interface Arena {
  temporal: Temporal;
  temporalAddress: string;
  url: string;
  account: BenchAccount;
  /** Of what works for a message: the bench itself, which makes the load, and what it started. */
  pids: Record<string, number | undefined>;
  /** Superuser, for looking at what came of it. */
  admin: Pool;
  /** Of the servers. */
  versions: { postgres: string; temporal: string };
  /** A customer writes in this thread; resolves when the webhook is acknowledged. The number stands in the text. */
  write(thread: string, number: number): Promise<void>;
  /** What couriers have handed over so far. */
  handedOver(): Promise<{ batches: number; rows: number }>;
  /** Transactions that our database has committed so far, whoever's. */
  transactions(): Promise<number>;
  close(): Promise<void>;
}

/** Of the load to the API. */
export const connections = 64;

const longKey = 'a-key-for-the-bench-of-no-use-anywhere-else';

export async function openArena(server: TemporalKind, log: Log): Promise<Arena> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.toReversed()) await one();
  };
  try {
    await mkdir(runsDir, { recursive: true });
    // One for each server, where the next run looks for what a killed one has left over.
    const folder = async (name: string): Promise<string> => {
      const dir = await mkdtemp(join(runsDir, `bench-${name}-`));
      closing.push(() => removeDataDir(dir));
      return dir;
    };
    const postgres = await startPostgres({ dataDir: await folder('postgres'), log });
    closing.push(() => postgres.stop());
    const temporalServer = await startTemporalOf(server, folder, closing, log);
    const { address } = temporalServer;
    const database = await createDatabaseOn(postgres.adminUrl);
    closing.push(() => database.drop());
    const admin = createPool({ url: database.adminUrl, max: 2, name: 'baton-bench' });
    closing.push(() => admin.end());
    const temporal = connect({ address, namespace: 'default' });
    closing.push(() => temporal.close());

    const taskQueue = `bench-${uuid()}`;
    const start = async (name: string, main: string, env: Record<string, string>) => {
      const common = {
        TEMPORAL_ADDRESS: address,
        BATON_TASK_QUEUE: taskQueue,
        BATON_TOKEN_KEY: longKey,
        BATON_LOG_LEVEL: 'warn',
      };
      const port = async (): Promise<number> => (await freePorts())[0];
      const dir = await folder(name);
      const started = await startNode({ name, main, dir, port, env: { ...common, ...env }, log });
      closing.push(() => started.stop());
      return started;
    };
    const worker = await start('worker', 'worker/main.ts', { BATON_DATABASE_URL: database.workerUrl });
    const api = await start('API', 'api/main.ts', {
      BATON_DATABASE_URL: database.apiUrl,
      BATON_COURIER_DATABASE_URL: database.courierUrl,
      BATON_DATABASE_CONNECTIONS: '20',
      BATON_PUBLIC_URL: 'http://127.0.0.1',
      BATON_JWT_KEYS: longKey,
      BATON_OPERATOR_KEY: longKey,
      BATON_RATE_PER_ADDRESS: '10000000',
      BATON_BACKLOG_LIMIT: '1000000',
      BATON_MAX_EVENT_LOOP_DELAY_MS: '0',
    });

    const url = `http://127.0.0.1:${api.port}`;
    const http = new HttpPool(url, { connections });
    closing.push(() => http.close());
    const channel = await startChannel();
    closing.push(channel.stop);
    const account = await createAccount(url, longKey, channel.url);
    return {
      temporal,
      temporalAddress: address,
      url,
      account,
      pids: {
        load: process.pid,
        API: api.pid,
        worker: worker.pid,
        Postgres: postgres.pid,
        Temporal: temporalServer.pid,
        'Temporal’s Postgres': temporalServer.postgresPid,
      },
      admin,
      versions: await versionsOf(admin, temporal),
      write: createWriter(http, account),
      async handedOver() {
        const { body } = await http.request({ method: 'GET', path: '/metrics' });
        const text = await body.text();
        const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? NaN);
        return { batches: read('baton_courier_batches'), rows: read('baton_courier_rows') };
      },
      async transactions() {
        const query = 'SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()';
        const { rows } = await admin.query<{ count: number }>(query);
        return rows[0]?.count ?? NaN;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** On Postgres it has one of its own: what it costs is then told apart from what ours costs. */
async function startTemporalOf(
  kind: TemporalKind,
  folder: (name: string) => Promise<string>,
  closing: (() => Promise<unknown>)[],
  log: Log,
): Promise<StartedTemporal & { postgresPid?: number | undefined }> {
  if (kind === 'dev') {
    const temporal = await startTemporal({ dataDir: await folder('temporal'), log });
    closing.push(() => temporal.stop());
    return temporal;
  }
  const postgres = await startPostgres({ dataDir: await folder('temporal-postgres'), log });
  closing.push(() => postgres.stop());
  const dataDir = await folder('temporal');
  const temporal = await startTemporalOnPostgres({ dataDir, postgresUrl: postgres.adminUrl, log });
  closing.push(() => temporal.drop());
  return { ...temporal, postgresPid: postgres.pid };
}

/** Takes whatever is sent, at once. */
async function startChannel(): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function versionsOf(admin: Pool, { client }: Temporal): Promise<Arena['versions']> {
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
  const { serverVersion } = await client.connection.workflowService.getSystemInfo({});
  return { postgres: rows[0]?.server_version ?? '', temporal: serverVersion };
}

/** Webhooks as a backend with the signed HTTP channel sends them. */
function createWriter(http: HttpPool, { accountId, channelId, secret }: BenchAccount): Arena['write'] {
  const webhook = new Webhook(secret);
  const path = `/v1/webhooks/${accountId}/${channelId}`;
  return async (thread, number) => {
    const id = `${thread}/${number}`;
    const at = new Date();
    const text = `Message number ${number}: where is my parcel? It should have come last week.`;
    const data = { id, thread, contact: { id: thread, name: 'Ann' }, content: { text } };
    const body = JSON.stringify({ type: 'message.received', timestamp: at.toISOString(), data });
    const response = await http.request({
      method: 'POST',
      path,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': webhook.sign(id, at, body),
      },
      body,
    });
    await response.body.dump();
    if (response.statusCode >= 300) throw new Error(`not acknowledged: ${response.statusCode}`);
  };
}
