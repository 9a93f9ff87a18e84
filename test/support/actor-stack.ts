/**
 * Everything behind the API, in the test's process: a courier, a worker with the real workflow and activities, the real
 * Temporal and Postgres. Bot and channel are the test's own.
 */
import { Agent } from 'undici';
import pino, { type Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import type { Activities } from '../../activities/contract.ts';
import { desks } from '../../adapters/desks/registry.ts';
import { webchat } from '../../adapters/channels/webchat/webchat.ts';
import type { BotTurn } from '../../adapters/contract/bot.ts';
import type { Sending } from '../../adapters/contract/channel.ts';
import { createCommandClient, type CommandClient } from '../../courier/commands.ts';
import { connect, type Temporal } from '../../courier/connection.ts';
import { startCourier, type Courier } from '../../courier/courier.ts';
import { createFetchHistory } from '../../courier/history.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { acceptInbound, type Accepted } from '../../store/inbound.ts';
import { createActivities } from '../../worker/activities.ts';
import { buildBundle } from '../../worker/bundle.ts';
import { createWorker, type RunningWorker } from '../../worker/create.ts';
import { createMetrics } from '../../worker/metrics.ts';
import { useLogger } from '../../worker/runtime.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import { seedAccount, type AccountOptions, type SeededAccount } from './account.ts';
import { bookkeepingChannel, type Said, scriptedBot } from './books.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { temporalAddress } from './servers.ts';
import { until } from './until.ts';
import { required } from './required.ts';

export interface ActorStack {
  database: TestDatabase;
  /** For what a test arranges; the activities have the worker's. */
  pool: Pool;
  workerPool: Pool;
  apiPool: Pool;
  temporal: Temporal;
  taskQueue: string;
  commands: CommandClient;
  courier: Courier;
  bot: { answer: (turn: BotTurn) => Said | Promise<Said>; turns: BotTurn[] };
  channel: { hear: (sending: Sending) => Promise<void>; heard: Sending[] };
  /** Wraps the activities of workers that start from here on. */
  around: (activities: Activities) => Activities;
  /** Calls of an account that such a worker has out at once. */
  callsPerAccount: number | undefined;
  /** Temporal's, as such workers reach it. */
  workerAddress: string;
  logger: Logger;
  account(options?: AccountOptions): Promise<SeededAccount>;
  /** A message of this thread; creates what is new. */
  write(account: SeededAccount, thread: string, text: string, externalId?: string): Promise<Accepted>;
  stored(id: ActorId): Promise<{ version: number; state: { state: ConversationState; keys: string[] } | null }>;
  state(id: ActorId): Promise<ConversationState | null>;
  events(id: ActorId): Promise<ConversationEvent[]>;
  sees(id: ActorId, type: ConversationEvent['type'], nth?: number): Promise<void>;
  /** Waits until an actor has taken all that was stored for it. */
  caughtUp(id: ActorId): Promise<void>;
  startWorker(): Promise<void>;
  /** One more, of another build; whoever starts it stops it. */
  startWorkerOf(build: StackBuild): Promise<StackWorker>;
  stopWorker(): Promise<void>;
  close(): Promise<void>;
}

export interface StackBuild {
  /** The workflow bundle. */
  code: string;
  build: string;
  deployment?: string;
}

export interface StackWorker {
  /** It finishes what is out. */
  stop(): Promise<void>;
}

let bundle: ReturnType<typeof buildBundle> | undefined;

export async function startActorStack(logger: Logger = pino({ level: 'silent' })): Promise<ActorStack> {
  useLogger(logger);
  const database = await createTestDatabase();
  const pool = createPool({ url: database.arrangerUrl, max: 10, name: 'test' });
  const workerPool = createPool({ url: database.workerUrl, max: 20, name: 'stack-worker' });
  const apiPool = createPool({ url: database.apiUrl, max: 10, name: 'stack-api' });
  const courierPool = createPool({ url: database.courierUrl, max: 5, name: 'stack-courier' });
  const temporal = connect({ address: temporalAddress(), namespace: 'default' });
  const taskQueue = `stack-${uuid()}`;
  const http = new Agent();
  const courier = startCourier({
    pool: courierPool,
    client: temporal.client,
    taskQueue,
    logger,
  });
  await courier.ready;

  const bot: ActorStack['bot'] = { answer: () => ({ messages: [], handover: null, intake: null }), turns: [] };
  const channel: ActorStack['channel'] = { hear: () => Promise.resolve(), heard: [] };
  const books = bookkeepingChannel(async (sending) => {
    await channel.hear(sending);
    channel.heard.push(sending);
  });
  const channels = new Map([
    ['http', books],
    ['webchat', webchat],
  ]);
  const bots = new Map([['http', scriptedBot((turn) => (bot.turns.push(turn), bot.answer(turn)))]]);
  const activities = (build: string): Activities =>
    createActivities({
      pool: workerPool,
      http,
      channels,
      bots,
      desks,
      publicUrl: 'http://127.0.0.1',
      tokenKey: 'k'.repeat(32),
      clock: Date.now,
      onAdapterBug: () => undefined,
      build,
      fetchHistory: createFetchHistory(temporal.client),
      ...(stack.callsPerAccount !== undefined && { limits: { callsPerAccount: stack.callsPerAccount } }),
    });

  let running: StackWorker | null = null;
  const inAccountOf = async <T>(id: ActorId, query: string): Promise<T[]> =>
    inAccount(pool, id.accountId, async (tx) => {
      const { rows } = await tx.query(query, [id.accountId, id.conversationId]);
      return rows as T[];
    });

  const stack: ActorStack = {
    database,
    pool,
    workerPool,
    apiPool,
    temporal,
    taskQueue,
    commands: createCommandClient({ client: temporal.client, taskQueue, deadlineMs: 30_000 }),
    courier,
    bot,
    channel,
    around: (made) => made,
    callsPerAccount: undefined,
    workerAddress: temporalAddress(),
    logger,
    account: (options = {}) => seedAccount(pool, options),
    async write(account, thread, text, externalId = uuid()) {
      const item = { kind: 'message' as const, externalId, thread, contact: { externalId: thread }, content: { text } };
      const { accountId, channelId } = account;
      const [accepted] = await acceptInbound(apiPool, {
        accountId,
        sourceId: channelId,
        at: Date.now(),
        items: [item],
      });
      return required(accepted);
    },
    async stored(id) {
      const query = 'SELECT version, state FROM actors WHERE account_id = $1 AND conversation_id = $2';
      const [row] = await inAccountOf<{ version: number; state: { state: ConversationState; keys: string[] } | null }>(
        id,
        query,
      );
      return required(row);
    },
    async state(id) {
      return (await stack.stored(id)).state?.state ?? null;
    },
    async events(id) {
      const query = 'SELECT data FROM domain_events WHERE account_id = $1 AND conversation_id = $2 ORDER BY no';
      const rows = await inAccountOf<{ data: { event: ConversationEvent } }>(id, query);
      return rows.map((row) => row.data.event);
    },
    async sees(id, type, nth = 1) {
      await until(async () => (await stack.events(id)).filter((event) => event.type === type).length >= nth);
    },
    async caughtUp(id) {
      const query = `SELECT m.last_seq = a.seq AS equal FROM mailboxes m JOIN actors a USING (account_id, conversation_id)
                     WHERE account_id = $1 AND conversation_id = $2`;
      await until(async () => (await inAccountOf<{ equal: boolean }>(id, query))[0]?.equal === true, 60_000);
    },
    async startWorker() {
      bundle ??= buildBundle();
      running = await stack.startWorkerOf({ code: (await bundle).code, build: 'stack' });
    },
    async startWorkerOf({ code, build, deployment }) {
      const started = await createWorker({
        address: stack.workerAddress,
        namespace: 'default',
        taskQueue,
        activities: stack.around(activities(build)),
        bundle: { code },
        build,
        deployment,
        cachedWorkflows: 200,
        logger,
        metrics: createMetrics(),
      });
      return stackWorker(started);
    },
    async stopWorker() {
      const stopping = running;
      running = null;
      await stopping?.stop();
    },
    async close() {
      await courier.stop();
      await stack.stopWorker();
      await temporal.close();
      await Promise.all([pool, workerPool, apiPool, courierPool].map((one) => one.end()));
      await http.close();
      await database.drop();
    },
  };
  return stack;
}

function stackWorker({ worker, connection }: RunningWorker): StackWorker {
  const ended = worker.run();
  const stop = async (): Promise<void> => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await ended;
    await connection.close();
  };
  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stop()) };
}
