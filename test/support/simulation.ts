/**
 * One conversation driven step by step: the shell's own code, the real record, the real activities, a bot and a channel
 * that keep books. What Temporal and the courier would do is done by the test, in any order it likes, and any step may
 * be a crash.
 */
import { v7 as uuid } from 'uuid';
import { Agent } from 'undici';
import type { BotAdapter, BotTurn, BotWords, ChannelAdapter, Sending } from '../../adapters/contract.ts';
import { capabilities } from '../../adapters/channels/http/capabilities.ts';
import { createLoad, createReadContext } from '../../activities/load.ts';
import { createNoticeWriter } from '../../activities/notices.ts';
import { createRecord } from '../../activities/record.ts';
import { createWorkActivities } from '../../activities/work.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { readContext } from '../../store/context.ts';
import { createActor, type Actor } from '../../workflows/actor/actor.ts';
import type { RecordAnswer, Recording } from '../../workflows/actor/record.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { Command, Input } from '../../workflows/conversation/inputs.ts';
import type { ActorId, InboxRow, Outcome } from '../../workflows/conversation/messages.ts';
import { outcomes } from '../../workflows/conversation/outcomes.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import type { ConversationWork } from '../../workflows/conversation/work.ts';
import { seedAccount, type AccountOptions, type SeededAccount } from './account.ts';
import type { TestDatabase } from './database.ts';

/** The process died: whatever waited hears nothing more. */
export class Crash extends Error {}

export interface Delivery {
  key: string;
  author: string;
  text: string;
  /** The baton's epoch in Postgres when the channel heard it. */
  epochNow: number;
}

type SimulatedActor = Actor<ConversationState, InboxRow, Command, Outcome>;
type Recorded = RecordAnswer<ConversationState>;

export interface Simulation {
  readonly account: SeededAccount;
  readonly id: ActorId;
  readonly pool: Pool;
  actor: SimulatedActor;
  readonly deliveries: Delivery[];
  readonly turns: BotTurn[];
  /** Work that is out: performed when the test says so. */
  readonly out: { work: ConversationWork; finish(): Promise<void> }[];
  readonly outcomes: Map<string, Outcome>;
  answerBot: (turn: BotTurn) => BotWords;
  crash: 'before' | 'after' | 'twice' | null;
  write(text: string): Promise<number>;
  /** Any other row of the inbox. */
  put(type: InboxRow['type'], payload: object): Promise<number>;
  /** Hands over all rows from this place on. */
  hand(from: number): Promise<void>;
  draft(text: string): Promise<string>;
  send(command: Command): void;
  /** Everything in hand, without letting work finish. A crash restarts the actor. */
  settle(): Promise<void>;
  restart(): Promise<void>;
  /** Lets all work finish and all rows arrive, until nothing moves any more. */
  finish(): Promise<void>;
}

/** An account whose conversations are simulated. */
export interface SimulatedAccount {
  pool: Pool;
  account: SeededAccount;
  http: Agent;
  close(): Promise<void>;
}

export async function openAccount(database: TestDatabase, options: AccountOptions = {}): Promise<SimulatedAccount> {
  const pool = createPool({ url: database.workerUrl, max: 5, name: 'simulation' });
  const account = await seedAccount(pool, options);
  const http = new Agent();
  return {
    pool,
    account,
    http,
    async close() {
      await pool.end();
      await http.close();
    },
  };
}

export async function simulate({ pool, account, http }: SimulatedAccount): Promise<Simulation> {
  const id = await newConversation(pool, account);
  const deliveries: Delivery[] = [];
  const turns: BotTurn[] = [];
  const clock = (): number => Date.now();

  const channel = bookkeepingChannel(async (sending) => {
    const { rows } = await readEpoch(pool, id);
    const text = sending.content.text ?? '';
    deliveries.push({ key: sending.key, author: sending.author.kind, text, epochNow: rows[0]!.epoch });
  });
  const bot = scriptedBot((turn) => {
    turns.push(turn);
    return simulation.answerBot(turn);
  });
  const work = createWorkActivities({
    pool,
    http,
    channels: new Map([['http', channel]]),
    bots: new Map([['http', bot]]),
    desks: new Map(),
    publicUrl: 'http://127.0.0.1',
    tokenKey: 'k'.repeat(32),
    clock,
  });
  const record = createRecord({ pool, notices: createNoticeWriter(pool), clock });
  const load = createLoad({ pool, readContext, build: 'simulation', clock });
  const context = createReadContext({ pool, readContext });

  const recordOrCrash = async (recording: Recording<ConversationState, ConversationEvent>): Promise<Recorded> => {
    const crash = simulation.crash;
    simulation.crash = null;
    if (crash === 'before') throw new Crash();
    const answer = await record(id, recording);
    if (crash === 'after') throw new Crash();
    // A task that is tried again after its local activity committed.
    return crash === 'twice' ? record(id, recording) : answer;
  };

  const start = async (): Promise<SimulatedActor> => {
    const life = { over: false };
    const actor: SimulatedActor = createActor({
      decider: conversationDecider,
      ports: {
        now: clock,
        record: recordOrCrash,
        readContext: () => context(id),
        askAgain: async (seq) => {
          await simulation.hand(seq + 1);
        },
        perform: (item: ConversationWork) => performLater(item, life),
      },
      answers: outcomes,
      claims: (event) => event.type === 'ConversationAssigned' && event.owner.kind === 'agent',
      mayLeaveBehind: (lane) => lane === 'ask',
      asInput: (command: Command): Input => command,
    });
    stop = () => (life.over = true);
    const loaded = await load(id, { runId: uuid(), inHand: null });
    actor.load(loaded.actor, loaded.context);
    return actor;
  };

  let stop: () => void = () => undefined;
  const performLater = (item: ConversationWork, life: { over: boolean }): Promise<unknown> =>
    new Promise((resolve) => {
      const finish = async (): Promise<void> => {
        const outcome = await performWith(work, id, item);
        if (!life.over) resolve(outcome);
      };
      simulation.out.push({ work: item, finish });
    });

  const simulation: Simulation = {
    account,
    id,
    pool,
    actor: undefined as unknown as SimulatedActor,
    deliveries,
    turns,
    out: [],
    outcomes: new Map(),
    answerBot: () => ({ messages: [], handover: null, intake: null }),
    crash: null,
    write: (text) => writeMessage(pool, id, text),
    put: (type, payload) => putRow(pool, id, type, payload),
    async hand(from) {
      const rows = await readRows(pool, id, from);
      if (rows.length > 0) simulation.actor.deliver(from, rows);
    },
    draft: (text) => writeDraft(pool, id, text),
    send(command) {
      void simulation.actor
        .command(command.type, command)
        .then((outcome) => simulation.outcomes.set(command.key, outcome));
    },
    async settle() {
      try {
        while (simulation.actor.hasWork()) await simulation.actor.step();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        await simulation.restart();
      }
      await Promise.resolve();
    },
    async restart() {
      stop();
      // What was out goes on outside: its answer reaches nobody, but the world has heard it.
      simulation.actor = await start();
    },
    async finish() {
      for (let idle = 0; idle < 2;) {
        await simulation.hand(simulation.actor.stored.seq + 1);
        await simulation.settle();
        const [next] = simulation.out.splice(0, 1);
        if (next) await next.finish();
        idle = next || simulation.actor.hasWork() ? 0 : idle + 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
  simulation.actor = await start();
  return simulation;
}

function performWith(
  work: ReturnType<typeof createWorkActivities>,
  id: ActorId,
  item: ConversationWork,
): Promise<unknown> {
  const name = `${item.kind[0]!.toLowerCase()}${item.kind.slice(1)}` as keyof typeof work;
  const activity = work[name] as (actor: ActorId, item: ConversationWork) => Promise<unknown>;
  return activity(id, item);
}

function bookkeepingChannel(hear: (sending: Sending) => Promise<void>): ChannelAdapter {
  return {
    type: 'http',
    title: 'Books',
    settings: { safeParse: (data) => ({ success: true, data }) },
    capabilities: () => capabilities({ url: 'http://127.0.0.1', idempotency: 'key' }),
    ingress: null,
    delivery: {
      kind: 'network',
      async send(sending) {
        await hear(sending);
        return { ok: true, providerId: sending.key };
      },
    },
  };
}

function scriptedBot(answer: (turn: BotTurn) => BotWords): BotAdapter {
  return {
    type: 'http',
    settings: { safeParse: (data) => ({ success: true, data }) },
    ask: (turn) => Promise.resolve({ ok: true, words: answer(turn) }),
    parse: () => ({ ok: false, issues: ['not asked'] }),
  };
}

async function newConversation(pool: Pool, account: SeededAccount): Promise<ActorId> {
  const { accountId, channelId } = account;
  const [conversationId, contactId, now] = [uuid(), uuid(), new Date()];
  await inAccount(pool, accountId, async (tx) => {
    await tx.query(
      `INSERT INTO contacts (account_id, id, name, digest_key, created_at) VALUES ($1, $2, 'Ann', sha256($3), $4)`,
      [accountId, contactId, Buffer.from(contactId), now],
    );
    await tx.query(
      `INSERT INTO contact_identities (account_id, channel_id, external_id, contact_id) VALUES ($1, $2, $3, $4)`,
      [accountId, channelId, `c-${conversationId}`, contactId],
    );
    await tx.query(
      `INSERT INTO conversations (account_id, id, channel_id, external_thread, contact_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [accountId, conversationId, channelId, `t-${conversationId}`, contactId, now],
    );
    await tx.query('INSERT INTO mailboxes (account_id, conversation_id, last_at) VALUES ($1, $2, $3)', [
      accountId,
      conversationId,
      now,
    ]);
    await tx.query('INSERT INTO actors (account_id, conversation_id) VALUES ($1, $2)', [accountId, conversationId]);
  });
  return { accountId, conversationId };
}

function putRow(pool: Pool, { accountId, conversationId }: ActorId, type: string, payload: object): Promise<number> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number }>('SELECT put_in_inbox($1, $2, $3, $4, $5, NULL, NULL) AS seq', [
      accountId,
      conversationId,
      type,
      payload,
      new Date(),
    ]);
    return rows[0]!.seq;
  });
}

function writeMessage(pool: Pool, { accountId, conversationId }: ActorId, text: string): Promise<number> {
  const messageId = uuid();
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number }>(
      `SELECT put_in_inbox($1, $2, 'CustomerWrote', $3, $4, NULL, NULL) AS seq`,
      [accountId, conversationId, { messageId }, new Date()],
    );
    const { seq } = rows[0]!;
    await insertMessage(tx, { accountId, conversationId }, { messageId, text, seq });
    return seq;
  });
}

async function writeDraft(pool: Pool, id: ActorId, text: string): Promise<string> {
  const messageId = uuid();
  await inAccount(pool, id.accountId, (tx) => insertMessage(tx, id, { messageId, text, seq: null }));
  return messageId;
}

type Query = Parameters<Parameters<typeof inAccount>[2]>[0];

async function insertMessage(
  tx: Query,
  { accountId, conversationId }: ActorId,
  { messageId, text, seq }: { messageId: string; text: string; seq: number | null },
): Promise<void> {
  const [direction, author, status] = seq === null ? ['out', 'agent', 'draft'] : ['in', 'customer', 'received'];
  await tx.query(
    `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, status, content, digest, inbox_seq, created_at)
     SELECT $1, $2, $3, $4, $5, $6, $7::jsonb, content_digest($1, contact_id, $7::jsonb), $8, $9
     FROM conversations WHERE account_id = $1 AND id = $3`,
    [accountId, messageId, conversationId, direction, author, status, JSON.stringify({ text }), seq, new Date()],
  );
}

function readRows(pool: Pool, { accountId, conversationId }: ActorId, from: number): Promise<InboxRow[]> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ seq: number; type: string; payload: object; at: number }>(
      `SELECT seq, type, payload, ms_of(at) AS at FROM inbox
       WHERE account_id = $1 AND conversation_id = $2 AND seq >= $3 ORDER BY seq`,
      [accountId, conversationId, from],
    );
    return rows.map(({ seq, type, payload, at }) => ({ ...payload, type, seq, at }) as InboxRow);
  });
}

function readEpoch(pool: Pool, { accountId, conversationId }: ActorId) {
  return inAccount(pool, accountId, (tx) =>
    tx.query<{ epoch: number }>('SELECT epoch FROM conversations WHERE account_id = $1 AND id = $2', [
      accountId,
      conversationId,
    ]),
  );
}
