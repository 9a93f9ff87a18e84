/**
 * What a conversation costs is what its history costs: its events are counted like allocations, and may only fall.
 *
 * Of history events, a task is 3 (scheduled, started, completed), a record 1 (a local activity's marker), an activity 3
 * (scheduled, started, completed), a signal 1, an update 2 (accepted, completed), a timer 1 when it is set and 1 when it
 * fires. What is sent is an activity, and a task that records what came of it: 3 + 3 + 1 = 7.
 */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptInbound } from '../../store/inbound.ts';
import type { CommandName } from '../../workflows/conversation/inputs.ts';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import type { AccountOptions, SeededAccount } from '../support/account.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { writeDraft } from '../support/conversation-rows.ts';
import { until } from '../support/until.ts';
import { required } from '../support/required.ts';

let stack: ActorStack;
beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
});
afterAll(() => stack.close());

const thread = 'counted';

interface Chat {
  id: ActorId;
  account: SeededAccount;
  /** An action of the first agent. */
  acts(name: CommandName, payload?: object): Promise<void>;
  /** So many messages have been sent, since it began. */
  sent(count: number): Promise<void>;
}

async function chat(options: AccountOptions): Promise<Chat> {
  const account = await stack.account(options);
  const { conversationId } = await stack.write(account, thread, 'first');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  const agentId = required(account.agentIds[0]);
  return {
    id,
    account,
    async acts(name, payload = {}) {
      const command = { key: uuid(), by: { kind: 'agent', agentId }, agentId, ...payload };
      expect(await stack.commands.execute(id, name, command as never)).toMatchObject({ ok: true });
    },
    sent: (count) => stack.sees(id, 'MessageSettled', count),
  };
}

async function historyOf(id: ActorId): Promise<{ length: number; markers: number }> {
  const { events = [] } = await stack.temporal.client.getHandle(workflowId(id)).fetchHistory();
  const markers = (events ?? []).filter((event) => event.markerRecordedEventAttributes).length;
  return { length: events?.length ?? 0, markers };
}

/** Temporal hears of a record after Postgres has it: one marker each, and one for the load. */
async function settledLength(id: ActorId): Promise<number> {
  await stack.caughtUp(id);
  const { version } = await stack.stored(id);
  await until(async () => (await historyOf(id)).markers === version + 1);
  return (await historyOf(id)).length;
}

async function eventsOf({ id }: Chat, act: () => Promise<unknown>): Promise<number> {
  const before = await settledLength(id);
  await act();
  return (await settledLength(id)) - before;
}

/** In one webhook, so they are handed over together. */
function writesThree({ account: { accountId, channelId } }: Chat): Promise<unknown> {
  const items = ['one', 'two', 'three'].map((text) => ({
    kind: 'message' as const,
    externalId: uuid(),
    thread,
    contact: { externalId: thread },
    content: { text },
  }));
  return acceptInbound(stack.apiPool, { accountId, sourceId: channelId, at: Date.now(), items });
}

describe('with an agent', () => {
  async function queued(): Promise<Chat> {
    const one = await chat({ responsible: 'managers', numbers: { idle: { warnMs: null } } });
    await stack.sees(one.id, 'ConversationQueued');
    return one;
  }

  async function assigned(): Promise<Chat> {
    const one = await queued();
    await one.acts('Join');
    await one.sent(1);
    return one;
  }

  test('a join costs 13: update, task, record (6); the customer is told (7)', async () => {
    const one = await queued();
    const joins = async (): Promise<void> => {
      await one.acts('Join');
      await one.sent(1);
    };
    expect(await eventsOf(one, joins)).toBe(13);
  });

  test('P1: a customer’s message costs 5: signal, task, record; and so do three that come together', async () => {
    const one = await assigned();
    expect(await eventsOf(one, () => stack.write(one.account, thread, 'second'))).toBe(5);
    expect(await eventsOf(one, () => writesThree(one))).toBe(5);
  });

  test('a reply costs 13: update, task, record (6); it is sent (7)', async () => {
    const one = await assigned();
    const messageId = await writeDraft(stack.pool, one.id, 'words');
    const replies = async (): Promise<void> => {
      await one.acts('Reply', { messageId });
      await one.sent(2);
    };
    expect(await eventsOf(one, replies)).toBe(13);
  });

  test('a tag costs 6: update, task, record', async () => {
    const one = await assigned();
    expect(await eventsOf(one, () => one.acts('Tag', { add: [uuid()], remove: [] }))).toBe(6);
  });

  test('to resolve costs 13: update, task, record (6); the customer is told (7)', async () => {
    const one = await assigned();
    const resolves = async (): Promise<void> => {
      await one.acts('Resolve');
      await one.sent(2);
    };
    expect(await eventsOf(one, resolves)).toBe(13);
  });
});

test('a deadline costs 13: timer, task, record, the timer of the next one (6); the customer is told (7)', async () => {
  const one = await chat({ responsible: 'managers', numbers: { queue: { waitMs: 5_000 } } });
  await stack.sees(one.id, 'ConversationQueued');
  expect(await eventsOf(one, () => one.sent(1))).toBe(13);
});

describe('with the bot', () => {
  async function answered(...texts: string[]): Promise<Chat> {
    stack.bot.answer = () => ({ messages: texts.map((text) => ({ text })), handover: null, intake: null });
    const one = await chat({});
    await one.sent(texts.length);
    return one;
  }

  test('P2: a turn costs 19: signal, task, record (5); the bot is asked, and that recorded (7); its answer is sent (7)', async () => {
    const one = await answered('answer');
    const turn = async (): Promise<void> => {
      await stack.write(one.account, thread, 'second');
      await one.sent(2);
    };
    expect(await eventsOf(one, turn)).toBe(19);
  });

  test('three messages that come together cost as much: they are one turn', async () => {
    const one = await answered('answer');
    const turn = async (): Promise<void> => {
      await writesThree(one);
      await one.sent(2);
    };
    expect(await eventsOf(one, turn)).toBe(19);
  });

  test('a turn in which the bot says three things costs 33: each of the other two is sent (7)', async () => {
    const one = await answered('first', 'second', 'third');
    const turn = async (): Promise<void> => {
      await stack.write(one.account, thread, 'again');
      await one.sent(6);
    };
    expect(await eventsOf(one, turn)).toBe(33);
  });
});
