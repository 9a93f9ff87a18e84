/**
 * One conversation driven step by step: the shell's own code, the real record, the real activities, a channel, a bot and
 * a desk that keep books. What Temporal, the courier and time would do is done by the test, in any order it likes, and
 * any step may be a crash.
 */
import { v7 as uuid } from 'uuid';
import { Agent } from 'undici';
import type { BotTurn, BotWords } from '../../adapters/contract/bot.ts';
import { createLoad, createReadContext } from '../../activities/load.ts';
import { createNoticeWriter } from '../../activities/notices.ts';
import { createRecord } from '../../activities/record.ts';
import { createPool, type Pool } from '../../store/connection.ts';
import { readContext } from '../../store/context.ts';
import { createActor, type Actor } from '../../workflows/actor/actor.ts';
import type { RecordAnswer, Recording } from '../../workflows/actor/record.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { Command, Input, Question } from '../../workflows/conversation/inputs.ts';
import type { ActorId, InboxRow, Outcome } from '../../workflows/conversation/messages.ts';
import { outcomes } from '../../workflows/conversation/outcomes.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import type { ConversationWork } from '../../workflows/conversation/work.ts';
import { seedAccount, type AccountOptions, type SeededAccount } from './account.ts';
import { createAttempt, type Attempt, type Reply } from './attempt.ts';
import { newConversation, putRow, readEpoch, readRows, writeDraft, writeMessage } from './conversation-rows.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createOtherSide, type Delivery, type Idempotency } from './other-side.ts';
import { required } from './required.ts';

/** The process died: whatever waited hears nothing more. */
class Crash extends Error {}

/** What goes on for longer goes on for ever: a livelock fails the test with its script, and does not hang it. */
const mostSteps = 2_000;
const mostRefusals = 50;

type SimulatedActor = Actor<ConversationState, InboxRow, Command, Outcome>;
type Recorded = RecordAnswer<ConversationState>;

/** Of the record to come: it commits nothing; it commits, and nobody hears of it; its task is run again. */
export type CrashMode = 'before' | 'after' | 'twice';

export interface Simulation {
  readonly account: SeededAccount;
  readonly id: ActorId;
  /** For what a test arranges; the actor has the worker's. */
  readonly pool: Pool;
  actor: SimulatedActor;
  readonly deliveries: Delivery[];
  readonly turns: BotTurn[];
  /** Work that is out: performed when the test says so. */
  readonly out: Attempt[];
  readonly outcomes: Map<string, Outcome>;
  answerBot: (turn: BotTurn) => BotWords | 'deferred' | 'fails';
  answerOffer: 'asks' | 'refuses';
  crash: CrashMode | null;
  /** So many records succeed before the crash. */
  crashAfter: number;
  /** Whether work that is out dies with its actor in a crash; else it goes on, and its outcome reaches nobody. */
  outDies: boolean;
  /** What the other side makes of the next attempts that `finish` lets through; `ok`, once there are no more. */
  weather: Reply[];
  now(): number;
  /** Time passes to `at`, epoch ms; it never goes back. Only where the simulation has a clock of its own. */
  passTo(at: number): void;
  write(text: string): Promise<number>;
  /** Any other row of the inbox. */
  put(type: string, payload: object): Promise<number>;
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
  workerPool: Pool;
  account: SeededAccount;
  http: Agent;
  close(): Promise<void>;
}

export interface SimulationOptions {
  /** The clock of everything begins here, epoch ms, and stands still between steps. Without it: the real clock. */
  startAt?: number;
  /** Of the channel. */
  idempotency?: Idempotency;
}

export async function openAccount(database: TestDatabase, options: AccountOptions = {}): Promise<SimulatedAccount> {
  const pool = createPool({ url: database.arrangerUrl, max: 5, name: 'test' });
  const workerPool = createPool({ url: database.workerUrl, max: 5, name: 'simulation' });
  const account = await seedAccount(pool, options);
  const http = new Agent();
  return {
    pool,
    workerPool,
    account,
    http,
    async close() {
      await Promise.all([pool.end(), workerPool.end()]);
      await http.close();
    },
  };
}

/** The only one of a database of its own, which is dropped with it. */
export async function openOwnAccount(options: AccountOptions = {}): Promise<SimulatedAccount> {
  const database = await createTestDatabase();
  const account = await openAccount(database, options);
  return {
    ...account,
    async close() {
      await account.close();
      await database.drop();
    },
  };
}

export async function simulate(
  { pool, workerPool, account, http }: SimulatedAccount,
  { startAt, idempotency = 'key' }: SimulationOptions = {},
): Promise<Simulation> {
  let standsAt = startAt ?? null;
  const clock = (): number => standsAt ?? Date.now();
  const id = await newConversation(pool, account, new Date(clock()));

  const { deliveries, turns, adapters } = createOtherSide({
    idempotency,
    epochNow: async () => required((await readEpoch(pool, id)).rows[0]).epoch,
    answerBot: (turn) => simulation.answerBot(turn),
    answerOffer: () => simulation.answerOffer,
  });
  const record = createRecord({ pool: workerPool, notices: createNoticeWriter(workerPool), clock });
  const load = createLoad({ pool: workerPool, readContext, build: 'simulation', clock });
  const context = createReadContext({ pool: workerPool, readContext, clock });

  const crashNow = (): CrashMode | null => {
    const { crash } = simulation;
    if (crash === null || simulation.crashAfter > 0) {
      simulation.crashAfter = Math.max(0, simulation.crashAfter - 1);
      return null;
    }
    simulation.crash = null;
    return crash;
  };

  let refusals = 0;
  const recordOrCrash = async (recording: Recording<ConversationState, ConversationEvent>): Promise<Recorded> => {
    const crash = crashNow();
    if (crash === 'before') throw new Crash();
    const answer = await record(id, recording);
    if (answer.kind !== 'recorded') refusals += 1;
    else refusals = 0;
    if (refusals > mostRefusals) throw new Error(`Never recorded: ${JSON.stringify(answer)}`);
    if (crash === 'after') throw new Crash();
    // A task that is tried again after its local activity committed.
    return crash === 'twice' ? record(id, recording) : answer;
  };

  let stop: () => void = () => undefined;
  const start = async (): Promise<SimulatedActor> => {
    const life = { over: false };
    const actor: SimulatedActor = createActor({
      decider: conversationDecider,
      ports: {
        now: clock,
        record: recordOrCrash,
        readContext: (question) => context(id, question as Question),
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

  const performLater = (item: ConversationWork, life: { over: boolean }): Promise<unknown> =>
    new Promise((resolve) => {
      const attempt = createAttempt(id, item, {
        pool: workerPool,
        http,
        clock,
        adapters,
        isLate: () => life.over,
        onDone: (outcome) => {
          if (!life.over) resolve(outcome);
        },
      });
      simulation.out.push(attempt);
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
    answerOffer: 'asks',
    crash: null,
    crashAfter: 0,
    outDies: false,
    weather: [],
    now: clock,
    passTo(at) {
      if (standsAt === null) throw new Error('This simulation goes by the real clock');
      standsAt = Math.max(standsAt, at);
    },
    write: (text) => writeMessage(pool, id, text, new Date(clock())),
    put: (type, payload) => putRow(pool, id, type, payload, new Date(clock())),
    async hand(from) {
      const rows = await readRows(pool, id, from);
      if (rows.length > 0) simulation.actor.deliver(rows);
    },
    draft: (text) => writeDraft(pool, id, text, new Date(clock())),
    send(command) {
      void simulation.actor
        .command(command.type, command)
        .then((outcome) => simulation.outcomes.set(command.key, outcome));
    },
    async settle() {
      try {
        for (let steps = 0; simulation.actor.hasWork(); steps += 1) {
          if (steps > mostSteps) throw new Error('Never settles');
          await simulation.actor.step();
        }
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        await simulation.restart();
      }
      await Promise.resolve();
    },
    async restart() {
      stop();
      // What goes on outside has no actor to answer to, but the world hears it.
      if (simulation.outDies) for (const attempt of simulation.out.splice(0)) attempt.die();
      simulation.actor = await start();
    },
    async finish() {
      for (let idle = 0; idle < 2;) {
        await simulation.hand(simulation.actor.stored.seq + 1);
        await simulation.settle();
        const [next] = simulation.out.splice(0, 1);
        if (next) await next.finish(simulation.weather.shift());
        idle = next || simulation.actor.hasWork() ? 0 : idle + 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
  simulation.actor = await start();
  return simulation;
}
