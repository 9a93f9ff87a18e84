/** The worker's process: what it says of itself while it lacks something, and how it leaves. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { v7 as uuid } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Temporal } from '../../courier/connection.ts';
import { type Courier, startCourier } from '../../courier/courier.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { acceptInbound } from '../../store/inbound.ts';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { writeBundle } from '../../worker/bundle.ts';
import { type Cuttable, cuttableWayTo } from '../support/cuttable.ts';
import { createTestDatabase, seedAccount, type TestDatabase } from '../support/database.ts';
import { type FakeBot, startFakeBot } from '../support/fake-bot.ts';
import { type FakeChannel, startFakeChannel } from '../support/fake-channel.ts';
import { required } from '../support/required.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

const secret = 'k'.repeat(40);
const ready = { ready: true, reasons: {} };
const taskQueue = `worker-process-${uuid()}`;
const started: WorkerProcess[] = [];
let database: TestDatabase;
let directory: string;
let bundle: string;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'baton-worker-'));
  bundle = join(directory, 'workflows.js');
  await writeBundle(bundle);
});
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

function start(environment: NodeJS.ProcessEnv = {}): WorkerProcess {
  const worker = startWorkerProcess({
    BATON_DATABASE_URL: database.workerUrl,
    TEMPORAL_ADDRESS: temporalAddress(),
    BATON_TASK_QUEUE: taskQueue,
    BATON_TOKEN_KEY: secret,
    BATON_WORKFLOW_BUNDLE: bundle,
    PORT: '0',
    ...environment,
  });
  started.push(worker);
  return worker;
}

function wayTo(address: string): Promise<Cuttable> {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`);
  return cuttableWayTo(hostname, Number(port));
}

describe('what it says of itself', () => {
  test('as npm run dev starts it, it bundles its workflows itself, is alive and ready, counts, and leaves on SIGTERM', async () => {
    const worker = start({ BATON_WORKFLOW_BUNDLE: undefined });
    expect(await worker.get('/livez')).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect((await worker.get('/readyz')).status).toBe(503);
    await worker.readiness(ready);
    expect((await worker.get('/readyz')).status).toBe(200);
    const metrics = await worker.get('/metrics');
    expect(metrics.type).toContain('text/plain; version=0.0.4');
    expect(metrics.text).toContain('# TYPE baton_activity_failures_total counter');
    expect(await worker.get('/else')).toMatchObject({ status: 404 });
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toEqual([0, null]);
    expect(worker.lines.at(-1)).toContain('worker has stopped');
  });

  test('it waits for a Temporal that is away, and names what goes away while it runs', async () => {
    const temporal = await wayTo(temporalAddress());
    const postgres = await wayTo(database.workerUrl);
    await temporal.cut();
    const url = new URL(database.workerUrl);
    url.port = String(postgres.port);
    const worker = start({ TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`, BATON_DATABASE_URL: url.href });
    await worker.says('temporal is away');
    expect(await worker.get('/livez')).toMatchObject({ status: 200 });
    await worker.readiness({ ready: false, reasons: { worker: 'starting' } });
    await temporal.mend();
    await worker.readiness(ready);
    await postgres.cut();
    await worker.readiness({ ready: false, reasons: { postgres: 'away' } });
    await temporal.cut();
    await worker.readiness({ ready: false, reasons: { postgres: 'away', temporal: 'away' } });
    await postgres.mend();
    await temporal.mend();
    await worker.readiness(ready);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toEqual([0, null]);
    await Promise.all([temporal.cut(), postgres.cut()]);
  });

  test('it does not wait for ever for a Temporal that takes the connection and says nothing, and says what it waits for', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => void sockets.push(socket.on('error', () => undefined)));
    const worker = start({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    expect(await worker.says('worker still starts')).toContain('"waitsFor":"temporal"');
    await worker.says('temporal is away');
    await until(() => sockets.length > 1);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toEqual([0, null]);
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });

  test('it leaves also while it still waits for Temporal', async () => {
    const worker = start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    await worker.says('temporal is away');
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toEqual([0, null]);
  });
});

describe('settings that are wrong', () => {
  test('are all named, and not shown; nothing starts', async () => {
    const worker = start({
      BATON_DATABASE_URL: 'mysql://me:hunter2@127.0.0.1/baton',
      BATON_TOKEN_KEY: 'tooshort',
      BATON_CHECKPOINT_KEY: 'nokey',
      PORT: '70000',
    });
    const [code] = await worker.ended;
    expect(code).toBe(1);
    const said = worker.lines.join('\n');
    expect(said).toMatch(
      /^The settings are not usable\.\nBATON_DATABASE_URL: .*\nBATON_TOKEN_KEY: .*\nBATON_CHECKPOINT_KEY: .*\nPORT: .*$/,
    );
    expect(said).not.toMatch(/hunter2|tooshort|nokey|70000/);
  });

  test('a file that is not there is named by its setting', async () => {
    const worker = start({ BATON_TOKEN_KEY_FILE: '/nowhere/key' });
    expect((await worker.ended)[0]).toBe(1);
    expect(worker.lines).toEqual(["BATON_TOKEN_KEY_FILE names a file that can't be read."]);
  });

  test('a namespace that Temporal does not have ends it, with the reason and no secret', async () => {
    const worker = start({ TEMPORAL_NAMESPACE: 'nobody-made-it' });
    expect((await worker.ended)[0]).toBe(1);
    const said = worker.lines.join('\n');
    expect(said).toContain('nobody-made-it');
    expect(said).not.toContain(secret);
    expect(said).not.toContain(database.workerUrl);
  });
});

describe('asked to leave while a bot thinks', () => {
  let pool: Pool;
  let courierPool: Pool;
  let temporal: Temporal;
  let courier: Courier;
  let bot: FakeBot;
  let channel: FakeChannel;
  let answer: (says: object) => void;

  beforeAll(async () => {
    pool = createPool({ url: database.arrangerUrl, max: 5, name: 'process-test' });
    courierPool = createPool({ url: database.courierUrl, max: 5, name: 'process-courier' });
    temporal = connect({ address: temporalAddress(), namespace: 'default' });
    const { client } = temporal;
    const logger = pino({ level: 'silent' });
    courier = startCourier({ pool: courierPool, client, taskQueue, logger });
    await courier.ready;
    [bot, channel] = await Promise.all([startFakeBot(), startFakeChannel()]);
    bot.script(() => new Promise<object>((resolve) => (answer = resolve)));
  });
  afterAll(async () => {
    await courier.stop();
    await Promise.all([pool.end(), courierPool.end(), temporal.close(), bot.stop(), channel.stop()]);
  });

  /** A conversation whose bot has been asked, and says nothing yet. */
  async function asked(): Promise<{ thread: string; actor: ActorId }> {
    const thread = uuid();
    const account = await seedAccount(pool, {
      botSettings: { url: bot.url },
      channelSettings: { url: channel.url },
      channelSecrets: [channel.secret],
      numbers: { bot: { timeoutMs: 15_000 } },
    });
    await inAccount(pool, account.accountId, (tx) =>
      tx.query('UPDATE bots SET secrets = $1', [JSON.stringify([bot.secret])]),
    );
    const item = { kind: 'message' as const, externalId: uuid(), thread, contact: { externalId: thread } };
    const [accepted] = await acceptInbound(pool, {
      accountId: account.accountId,
      sourceId: account.channelId,
      at: Date.now(),
      items: [{ ...item, content: { text: 'hello' } }],
    });
    await bot.until((tries) => tries.some(({ turn }) => turn.conversation.id === accepted?.conversationId));
    const conversationId = required(accepted?.conversationId);
    return { thread, actor: { accountId: account.accountId, conversationId } };
  }

  const triesFor = ({ conversationId }: ActorId): number =>
    bot.tries.filter(({ turn }) => turn.conversation.id === conversationId).length;

  /** Temporal has the result: of the activities that the actor's run has begun, all are completed. */
  async function resultsOf(actor: ActorId): Promise<{ begun: number; completed: number }> {
    const { events } = await temporal.client.getHandle(workflowId(actor)).fetchHistory();
    const count = (name: 'activityTaskStartedEventAttributes' | 'activityTaskCompletedEventAttributes'): number =>
      (events ?? []).filter((event) => event[name]).length;
    return {
      begun: count('activityTaskStartedEventAttributes'),
      completed: count('activityTaskCompletedEventAttributes'),
    };
  }

  test.each([
    ['it finishes what is out', ['SIGTERM']],
    ['a second SIGTERM, or Ctrl-C, cuts nothing off', ['SIGTERM', 'SIGTERM', 'SIGINT']],
  ] as const)('%s: its result counts, and nobody asks again', async (_, signals) => {
    const worker = start();
    await worker.readiness(ready);
    const { thread, actor } = await asked();
    for (const signal of signals) {
      worker.child.kill(signal);
      await worker.says('worker leaves');
    }
    await until(async () => (await worker.get('/readyz')).status === 503);
    expect(worker.child.exitCode).toBeNull();
    answer({ messages: [{ text: 'late, but there' }] });
    expect(await worker.ended).toEqual([0, null]);
    expect(await resultsOf(actor)).toEqual({ begun: 1, completed: 1 });
    expect(channel.books.texts(thread)).toEqual([]);
    const next = start();
    await channel.books.until((books) => books.texts(thread).length > 0, 60_000);
    expect(channel.books.texts(thread)).toEqual(['late, but there']);
    expect(triesFor(actor)).toBe(1);
    next.child.kill('SIGTERM');
    expect(await next.ended).toEqual([0, null]);
  });
});
