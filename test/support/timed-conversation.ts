/**
 * A conversation on the time-skipping Temporal, with the real Postgres: the real workflow and activities, hours pass in
 * no time, and every input has the time that the test gives it.
 */
import { Agent } from 'undici';
import pino from 'pino';
import { v7 as uuid } from 'uuid';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { BotTurn, BotWords } from '../../adapters/contract/bot.ts';
import type { Activities } from '../../activities/contract.ts';
import { timeSkippingServerPath } from '../../dev/servers/test-server.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { createActivities } from '../../worker/activities.ts';
import { buildBundle } from '../../worker/bundle.ts';
import { createWorker } from '../../worker/create.ts';
import { createMetrics } from '../../worker/metrics.ts';
import { useLogger } from '../../worker/runtime.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import {
  inboxSignal,
  workflowId,
  workflowType,
  type ActorId,
  type Outcome,
} from '../../workflows/conversation/messages.ts';
import { seedAccount, type AccountOptions, type SeededAccount } from './account.ts';
import { bookkeepingChannel, scriptedBot, scriptedDesk } from './books.ts';
import {
  addDesk,
  claimPlace,
  draftBlock,
  newConversation,
  putRow,
  readRows,
  writeDraft,
  writeMessage,
} from './conversation-rows.ts';
import { createTestDatabase } from './database.ts';
import { until } from './until.ts';
import { required } from './required.ts';

export interface TimedWorld {
  /** For what a test arranges; the activities have the worker's. */
  pool: Pool;
  environment: TestWorkflowEnvironment;
  bot: { answer: (turn: BotTurn) => BotWords | 'deferred' | 'fails'; turns: BotTurn[] };
  heard: { text: string; author: string }[];
  /** Whether the desk can be reached. */
  desk: 'there' | 'away';
  conversation(options?: AccountOptions): Promise<TimedConversation>;
  now(): Promise<number>;
  close(): Promise<void>;
}

export interface TimedConversation {
  id: ActorId;
  account: SeededAccount;
  /** Stores a row with this time (default: now) without handing it over. */
  store(text: string, at?: number): Promise<void>;
  put(type: string, payload: object, at?: number): Promise<void>;
  /** Hands over what is stored. */
  hand(): Promise<void>;
  write(text: string): Promise<void>;
  send(type: Command['type'], more?: object): Promise<Outcome>;
  reply(text: string): Promise<Outcome>;
  /** The stored reason and customer's message of a block; its id. */
  draftBlock(reason: string, expiresAt: number | null): Promise<string>;
  /** A desk of the account's; its id. */
  addDesk(): Promise<string>;
  /** A place of the first agent's, taken for this queue entry as the matcher does; the claim's id. */
  claim(entry: number): Promise<string>;
  events(): Promise<ConversationEvent[]>;
  /** Waits until an event of this type has been recorded (the n-th one). */
  sees<T extends ConversationEvent['type']>(type: T, nth?: number): Promise<Extract<ConversationEvent, { type: T }>>;
  count(type: ConversationEvent['type']): Promise<number>;
  /** Of the present run. */
  historyLength(): Promise<number>;
  /** Lets time pass to `ms` before this deadline of an event at `since`, or after it. */
  passTo(at: number): Promise<void>;
}

export async function openTimedWorld(): Promise<TimedWorld> {
  const logger = pino({ level: 'silent' });
  useLogger(logger);
  const database = await createTestDatabase();
  const pool = createPool({ url: database.arrangerUrl, max: 10, name: 'test' });
  const workerPool = createPool({ url: database.workerUrl, max: 10, name: 'timed' });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await timeSkippingServerPath() } },
  });
  const http = new Agent();
  const bot: TimedWorld['bot'] = { answer: () => ({ messages: [], handover: null, intake: null }), turns: [] };
  const heard: TimedWorld['heard'] = [];
  const taskQueue = `timed-${uuid()}`;
  const activities: Activities = {
    ...createActivities({
      pool: workerPool,
      http,
      channels: new Map([
        [
          'http',
          bookkeepingChannel(async (sending) => {
            heard.push({ text: sending.content.text ?? '', author: sending.author.kind });
          }),
        ],
      ]),
      bots: new Map([['http', scriptedBot((turn) => (bot.turns.push(turn), bot.answer(turn)))]]),
      desks: new Map([['http', scriptedDesk(() => world.desk)]]),
      publicUrl: 'http://127.0.0.1',
      tokenKey: 'k'.repeat(32),
      clock: Date.now,
      onAdapterBug: () => undefined,
      build: 'timed',
      // Nobody asks for it: this Temporal skips time, and no run is looked at again.
      fetchHistory: () => Promise.resolve(null),
    }),
    exportHistory: () => Promise.resolve(),
  };
  const { worker, connection } = await createWorker({
    address: environment.address,
    namespace: environment.namespace ?? 'default',
    taskQueue,
    activities,
    bundle: await buildBundle(),
    build: 'timed',
    cachedWorkflows: 100,
    logger,
    metrics: createMetrics(),
  });
  const running = worker.run();
  const now = async (): Promise<number> => Number(await environment.currentTimeMs());
  const world: TimedWorld = {
    pool,
    environment,
    bot,
    heard,
    desk: 'there',
    now,
    conversation: (options = {}) => openConversation(world, taskQueue, options),
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
      await environment.teardown();
      await Promise.all([pool.end(), workerPool.end()]);
      await http.close();
      await database.drop();
    },
  };
  return world;
}

async function openConversation(
  world: TimedWorld,
  taskQueue: string,
  options: AccountOptions,
): Promise<TimedConversation> {
  const { pool, environment, now } = world;
  const account = await seedAccount(pool, options);
  const id = await newConversation(pool, account, new Date(await now()));
  const start = { taskQueue, workflowId: workflowId(id), args: [id] };
  const agentId = required(account.agentIds[0]);
  let handed = 0;
  let keys = 0;

  const events = (): Promise<ConversationEvent[]> =>
    inAccount(pool, id.accountId, async (tx) => {
      const { rows } = await tx.query<{ data: { event: ConversationEvent } }>(
        'SELECT data FROM domain_events WHERE account_id = $1 AND conversation_id = $2 ORDER BY no',
        [id.accountId, id.conversationId],
      );
      return rows.map((row) => row.data.event);
    });

  const conversation: TimedConversation = {
    id,
    account,
    async store(text, at) {
      await writeMessage(pool, id, text, new Date(at ?? (await now())));
    },
    async put(type, payload, at) {
      await putRow(pool, id, type, payload, new Date(at ?? (await now())));
    },
    async hand() {
      const rows = await readRows(pool, id, handed + 1);
      if (rows.length === 0) return;
      const batch = { from: handed + 1, rows };
      await environment.client.workflow.signalWithStart(workflowType, {
        ...start,
        signal: inboxSignal,
        signalArgs: [batch],
      });
      handed += rows.length;
    },
    async write(text) {
      await conversation.store(text);
      await conversation.hand();
      const place = handed;
      await until(async () =>
        (await events()).some((event) => event.type === 'CustomerMessageAccepted' && event.place === place),
      );
    },
    async send(type, more = {}) {
      keys += 1;
      const payload = {
        key: `${id.conversationId}:${keys}`,
        by: { kind: 'agent', agentId },
        agentId,
        at: await now(),
        ...more,
      };
      const handle = environment.client.workflow.getHandle(start.workflowId) as WorkflowHandleWithFirstExecutionRunId;
      return handle.executeUpdate<Outcome, [object]>(type, { args: [payload] });
    },
    async reply(text) {
      return conversation.send('Reply', { messageId: await writeDraft(pool, id, text) });
    },
    draftBlock: (reason, expiresAt) => draftBlock(pool, id, reason, expiresAt),
    addDesk: () => addDesk(pool, id.accountId),
    claim: (entry) => claimPlace(pool, id, agentId, entry),
    events,
    async sees(type, nth = 1) {
      let found: ConversationEvent | undefined;
      await until(async () => {
        found = (await events()).filter((event) => event.type === type)[nth - 1];
        return found !== undefined;
      });
      return found as Extract<ConversationEvent, { type: typeof type }>;
    },
    async count(type) {
      return (await events()).filter((event) => event.type === type).length;
    },
    async historyLength() {
      const { historyLength } = await environment.client.workflow.getHandle(start.workflowId).describe();
      return historyLength ?? 0;
    },
    async passTo(at) {
      const remaining = at - (await now());
      if (remaining > 0) await environment.sleep(remaining);
    },
  };
  return conversation;
}
