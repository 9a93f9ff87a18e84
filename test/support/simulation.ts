/**
 * One conversation driven step by step: the shell's own code, the real record, the real activities, a bot and a channel
 * that keep books. What Temporal and the courier would do is done by the test, in any order it likes, and any step may
 * be a crash.
 */
import { v7 as uuid } from 'uuid';
import { Agent } from 'undici';
import type { BotTurn, BotWords } from '../../adapters/contract.ts';
import { createLoad, createReadContext } from '../../activities/load.ts';
import { createNoticeWriter } from '../../activities/notices.ts';
import { createRecord } from '../../activities/record.ts';
import { createWorkActivities } from '../../activities/work.ts';
import { createPool, type Pool } from '../../store/connection.ts';
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
import { bookkeepingChannel, scriptedBot } from './books.ts';
import { newConversation, putRow, readEpoch, readRows, writeDraft, writeMessage } from './conversation-rows.ts';
import type { TestDatabase } from './database.ts';
import { required } from './required.ts';

/** The process died: whatever waited hears nothing more. */
class Crash extends Error {}

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
    deliveries.push({ key: sending.key, author: sending.author.kind, text, epochNow: required(rows[0]).epoch });
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
      if (rows.length > 0) simulation.actor.deliver(rows);
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
  const name = `${required(item.kind[0]).toLowerCase()}${item.kind.slice(1)}` as keyof typeof work;
  const activity = work[name] as (actor: ActorId, item: ConversationWork) => Promise<unknown>;
  return activity(id, item);
}
