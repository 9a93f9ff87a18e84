/** What a measure runs in: servers with fsync on, a database of its own, an account, a worker as in production. */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { v7 as uuid } from 'uuid';
import { createCommandClient, type CommandClient } from '../../courier/commands.ts';
import { connect, type Temporal } from '../../courier/connection.ts';
import { startCourier, type Courier } from '../../courier/courier.ts';
import { startNode } from '../../dev/processes.ts';
import { freePorts } from '../../dev/servers/ports.ts';
import { removeDataDir } from '../../dev/servers/postgres-home.ts';
import { startPostgres } from '../../dev/servers/postgres.ts';
import { runsDir } from '../../dev/servers/surroundings.ts';
import { startTemporal } from '../../dev/servers/temporal.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { acceptInbound, type Accepted } from '../../store/inbound.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { createDatabaseOn } from '../support/database-server.ts';

export interface Arena {
  temporal: Temporal;
  temporalAddress: string;
  account: SeededAccount;
  commands: CommandClient;
  courier: Courier;
  /** Of what works for a message: the bench itself, where load, API and courier are, and what it started. */
  pids: Record<string, number | undefined>;
  /** Superuser, for looking at what came of it. */
  admin: Pool;
  /** A customer writes in this thread. */
  write(thread: string): Promise<Accepted>;
  close(): Promise<void>;
}

/** Customers' connections; the courier has its own. */
const connections = 20;

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

    const pool = (url: string, max: number): Pool => {
      const one = createPool({ url, max, name: 'baton-bench' });
      closing.push(() => one.end());
      return one;
    };
    const api = pool(database.apiUrl, connections);
    const admin = pool(database.adminUrl, 2);
    const temporal = await connect({ address, namespace: 'default' });
    closing.push(() => temporal.close());
    const taskQueue = `bench-${uuid()}`;
    const worker = await startNode({
      name: 'worker',
      main: 'worker/main.ts',
      dir: join(dataDir, 'worker'),
      port: async () => (await freePorts())[0],
      env: {
        BATON_DATABASE_URL: database.workerUrl,
        TEMPORAL_ADDRESS: address,
        BATON_TASK_QUEUE: taskQueue,
        BATON_TOKEN_KEY: 'a token key for the bench, of no use anywhere else',
      },
      log,
    });
    closing.push(() => worker.stop());
    const courier = startCourier({
      pool: pool(database.courierUrl, 5),
      listenUrl: database.courierUrl,
      client: temporal.client,
      taskQueue,
      logger: pino({ name: 'courier' }),
    });
    closing.push(() => courier.stop());
    await courier.ready;

    const account = await seedAccount(api, { responsible: 'managers', agents: 1, maxChats: 100_000 });
    let written = 0;
    return {
      temporal,
      temporalAddress: address,
      account,
      commands: createCommandClient({ client: temporal.client, taskQueue, deadlineMs: 30_000 }),
      courier,
      pids: { load: process.pid, worker: worker.pid, Postgres: postgres.pid, Temporal: temporalServer.pid },
      admin,
      async write(thread) {
        written += 1;
        const [answer] = await acceptInbound(api, {
          accountId: account.accountId,
          sourceId: account.channelId,
          at: Date.now(),
          items: [
            {
              kind: 'message',
              externalId: `${thread}/${written}`,
              thread,
              contact: { externalId: thread, name: 'Ann' },
              content: { text: `Message number ${written}: where is my parcel? It should have come last week.` },
            },
          ],
        });
        return answer as Accepted;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
