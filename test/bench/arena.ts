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
import { createCommandClient, type CommandClient } from '../../courier/commands.ts';
import { connect, type Temporal } from '../../courier/connection.ts';
import { newSecret } from '../../dev/demo/signed-post.ts';
import { startNode } from '../../dev/processes.ts';
import { freePorts } from '../../dev/servers/ports.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { startPostgres } from '../../dev/servers/postgres.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { createDatabaseOn } from '../support/database-server.ts';

export interface Arena {
  temporal: Temporal;
  temporalAddress: string;
  account: SeededAccount;
  commands: CommandClient;
  /** Of what works for a message: the bench itself, which makes the load, and what it started. */
  pids: Record<string, number | undefined>;
  /** Superuser, for looking at what came of it. */
  admin: Pool;
  /** A customer writes in this thread; resolves when the webhook is acknowledged. */
  write(thread: string): Promise<void>;
  /** What couriers have handed over so far. */
  handedOver(): Promise<{ batches: number; rows: number }>;
  close(): Promise<void>;
}

const longKey = 'a key for the bench, of no use anywhere else';

export async function openArena(log: (line: string) => void): Promise<Arena> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.toReversed()) await one();
  };
  try {
    await mkdir(runsDir, { recursive: true });
    const dataDir = await mkdtemp(join(runsDir, 'bench-'));
    closing.push(() => removeDataDir(dataDir));
    const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), log });
    closing.push(() => postgres.stop());
    const temporalServer = await startTemporal({ dataDir: join(dataDir, 'temporal'), log });
    const { address } = temporalServer;
    closing.push(() => temporalServer.stop());
    const database = await createDatabaseOn(postgres.adminUrl);
    closing.push(() => database.drop());
    const admin = createPool({ url: database.adminUrl, max: 2, name: 'baton-bench' });
    closing.push(() => admin.end());
    const temporal = await connect({ address, namespace: 'default' });
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
      const started = await startNode({ name, main, dir: join(dataDir, name), port, env: { ...common, ...env }, log });
      closing.push(() => started.stop());
      return started;
    };
    const worker = await start('worker', 'worker/main.ts', { BATON_DATABASE_URL: database.workerUrl });
    const api = await start('API', 'api/main.ts', {
      BATON_DATABASE_URL: database.apiUrl,
      BATON_COURIER_DATABASE_URL: database.courierUrl,
      BATON_DATABASE_CONNECTIONS: '20',
      BATON_PUBLIC_URL: 'http://127.0.0.1',
      BATON_JWT_KEYS: longKey.replaceAll(/[ ,]/g, '-'),
      BATON_OPERATOR_KEY: longKey,
      BATON_RATE_PER_ADDRESS: '10000000',
      BATON_BACKLOG_LIMIT: '1000000',
      BATON_MAX_EVENT_LOOP_DELAY_MS: '0',
    });

    const http = new HttpPool(`http://127.0.0.1:${api.port}`, { connections: 64 });
    closing.push(() => http.close());
    const channel = await startChannel();
    closing.push(channel.stop);
    const secret = newSecret();
    const account = await seedAccount(admin, {
      responsible: 'managers',
      agents: 1,
      maxChats: 100_000,
      channelSettings: { url: channel.url },
      channelSecrets: [secret],
    });
    return {
      temporal,
      temporalAddress: address,
      account,
      commands: createCommandClient({ client: temporal.client, taskQueue, deadlineMs: 30_000 }),
      pids: {
        load: process.pid,
        API: api.pid,
        worker: worker.pid,
        Postgres: postgres.pid,
        Temporal: temporalServer.pid,
      },
      admin,
      write: createWriter(http, `/v1/webhooks/${account.accountId}/${account.channelId}`, secret),
      async handedOver() {
        const { body } = await http.request({ method: 'GET', path: '/metrics' });
        const text = await body.text();
        const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? NaN);
        return { batches: read('baton_courier_batches'), rows: read('baton_courier_rows') };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
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

/** Webhooks as a backend with the signed HTTP channel sends them. */
function createWriter(http: HttpPool, path: string, secret: string): Arena['write'] {
  const webhook = new Webhook(secret);
  let written = 0;
  return async (thread) => {
    written += 1;
    const id = `${thread}/${written}`;
    const at = new Date();
    const text = `Message number ${written}: where is my parcel? It should have come last week.`;
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
