/**
 * Actors in the test's process: the shell's own code, the real record and activities, and no Temporal. Commands are
 * carried out as they come; what stands in an inbox, when the test says so. With the real server: `actor-stack.ts`.
 */
import { setImmediate } from 'node:timers/promises';
import { Agent } from 'undici';
import { createLoad, createReadContext } from '../../activities/load.ts';
import { createNoticeWriter } from '../../activities/notices.ts';
import { createRecord } from '../../activities/record.ts';
import { createWorkActivities } from '../../activities/work.ts';
import { webchat } from '../../adapters/channels/webchat/webchat.ts';
import type { BotTurn, BotWords } from '../../adapters/contract/bot.ts';
import type { Sending } from '../../adapters/contract/channel.ts';
import type { Commands } from '../../api/dependencies.ts';
import { createPool, inAccount } from '../../store/connection.ts';
import { readContext } from '../../store/context.ts';
import { createActor, drain, type Actor } from '../../workflows/actor/actor.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { Command, Input, Question } from '../../workflows/conversation/inputs.ts';
import type { ActorId, InboxRow, Outcome } from '../../workflows/conversation/messages.ts';
import { outcomes } from '../../workflows/conversation/outcomes.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import type { ConversationWork } from '../../workflows/conversation/work.ts';
import { bookkeepingChannel, scriptedBot, scriptedDesk } from '../support/books.ts';
import { readRows } from '../support/conversation-rows.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';

type LocalActor = Actor<ConversationState, InboxRow, Command, Outcome>;

export interface LocalActors {
  readonly commands: Commands;
  /** Commands that were handed over, in order. */
  readonly asked: { name: string; key: string }[];
  readonly sent: Sending[];
  readonly turns: BotTurn[];
  bot: (turn: BotTurn) => BotWords | 'deferred' | 'fails';
  hear: (sending: Sending) => Promise<void>;
  /** Before a command is carried out. */
  before: (actor: ActorId, name: string) => Promise<void>;
  /** Hands over what waits in the account's inboxes until nothing moves any more. */
  settle(accountId: string): Promise<void>;
  close(): Promise<void>;
}

export function createLocalActors(workerUrl: string, tokenKey: string): LocalActors {
  const pool = createPool({ url: workerUrl, max: 5, name: 'local-actors' });
  const http = new Agent();
  const clock = Date.now;
  const running = new Map<string, Promise<Running>>();

  const work = createWorkActivities({
    pool,
    http,
    channels: new Map([
      [
        'http',
        bookkeepingChannel(async (sending) => {
          await local.hear(sending);
          local.sent.push(sending);
        }),
      ],
      ['webchat', webchat],
    ]),
    bots: new Map([['http', scriptedBot((turn) => (local.turns.push(turn), local.bot(turn)))]]),
    desks: new Map([['http', scriptedDesk(() => 'there')]]),
    publicUrl: 'http://baton.test',
    tokenKey,
    clock,
    onAdapterBug: () => undefined,
  });
  const record = createRecord({ pool, notices: createNoticeWriter(pool), clock });
  const load = createLoad({ pool, readContext, build: 'local', clock });
  const context = createReadContext({ pool, readContext, clock });

  const start = async (id: ActorId): Promise<Running> => {
    let out = 0;
    const perform = async (item: ConversationWork): Promise<unknown> => {
      out += 1;
      const name = `${required(item.kind[0]).toLowerCase()}${item.kind.slice(1)}` as keyof typeof work;
      const activity = work[name] as (actor: ActorId, item: ConversationWork) => Promise<unknown>;
      try {
        return await activity(id, item);
      } finally {
        out -= 1;
        void setImmediate().then(pump);
      }
    };
    const actor: LocalActor = createActor({
      decider: conversationDecider,
      ports: {
        now: clock,
        record: (recording) => record(id, recording),
        readContext: (question) => context(id, question as Question),
        askAgain: () => Promise.resolve(),
        perform,
      },
      answers: outcomes,
      claims: (event) => event.type === 'ConversationAssigned' && event.owner.kind === 'agent',
      mayLeaveBehind: (lane) => lane === 'ask',
      asInput: (command: Command): Input => command,
    });
    let pumping: Promise<void> | null = null;
    const pump = (): Promise<void> => {
      pumping ??= drain(actor).finally(() => (pumping = null));
      return pumping;
    };
    const loaded = await load(id, { runId: `local-${id.conversationId}`, inHand: null });
    actor.load(loaded.actor, loaded.context);
    return {
      actor,
      pump,
      async deliver() {
        const rows = await readRows(pool, id, actor.stored.seq + 1);
        if (rows.length > 0) actor.deliver(rows);
        await pump();
      },
      isQuiet: () => out === 0 && pumping === null && !actor.hasWork(),
    };
  };

  const actorOf = (id: ActorId): Promise<Running> => {
    const known = running.get(id.conversationId) ?? start(id);
    running.set(id.conversationId, known);
    return known;
  };

  const local: LocalActors = {
    asked: [],
    sent: [],
    turns: [],
    bot: () => ({ messages: [], handover: null, intake: null }),
    hear: () => Promise.resolve(),
    before: () => Promise.resolve(),
    commands: {
      async execute(id, name, payload) {
        local.asked.push({ name, key: payload.key });
        await local.before(id, name);
        const { actor, deliver, pump } = await actorOf(id);
        await deliver();
        let answered = false;
        const outcome = actor.command(name, { ...payload, type: name } as unknown as Command);
        void outcome.then(() => (answered = true));
        while (!answered) {
          await pump();
          await setImmediate();
        }
        return outcome;
      },
      async signal(id, name, payload) {
        local.asked.push({ name, key: payload.key });
        const { actor, deliver, pump } = await actorOf(id);
        await deliver();
        actor.signal(name, { ...payload, type: name } as unknown as Command);
        void pump();
      },
    },
    async settle(accountId) {
      const waiting = async (): Promise<ActorId[]> =>
        inAccount(pool, accountId, async (tx) => {
          const { rows } = await tx.query<ActorId>(
            `SELECT account_id AS "accountId", conversation_id AS "conversationId"
             FROM mailboxes m JOIN actors a USING (account_id, conversation_id)
             WHERE account_id = $1 AND m.last_seq > a.seq`,
            [accountId],
          );
          return rows;
        });
      await until(async () => {
        const ids = await waiting();
        for (const id of ids) await (await actorOf(id)).deliver();
        const all = await Promise.all(running.values());
        return ids.length === 0 && all.every((one) => one.isQuiet());
      });
    },
    async close() {
      await until(async () => (await Promise.all(running.values())).every((one) => one.isQuiet()));
      await pool.end();
      await http.close();
    },
  };
  return local;
}

interface Running {
  actor: LocalActor;
  pump(): Promise<void>;
  deliver(): Promise<void>;
  isQuiet(): boolean;
}
