import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { until } from '../support/until.ts';
import { required } from '../support/required.ts';

let stack: ActorStack;
beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
});
afterAll(() => stack.close());

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

async function eventsOf(id: ActorId, act: () => Promise<unknown>): Promise<number> {
  const before = await settledLength(id);
  await act();
  return (await settledLength(id)) - before;
}

// What a conversation costs is what its history costs: these are counted like allocations, and may only fall.

test("P1: a customer's message to an agent costs 5 history events: signal, task, record", async () => {
  const account = await stack.account({ responsible: 'managers', numbers: { idle: { warnMs: null } } });
  const { conversationId } = await stack.write(account, 'p1', 'first');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  await stack.sees(id, 'ConversationQueued');
  const agentId = required(account.agentIds[0]);
  const joined = await stack.commands.execute(id, 'Join', { key: 'p1', by: { kind: 'agent', agentId }, agentId });
  expect(joined.ok).toBe(true);
  await stack.sees(id, 'MessageSettled');
  expect(await eventsOf(id, () => stack.write(account, 'p1', 'second'))).toBe(5);
});

test('P2: a turn of the bot costs 19: message and record, asked and recorded, sent and recorded', async () => {
  stack.bot.answer = () => ({ messages: [{ text: 'answer' }], handover: null, intake: null });
  const account = await stack.account();
  const { conversationId } = await stack.write(account, 'p2', 'first');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  await stack.sees(id, 'MessageSettled', 1);
  const turn = async (): Promise<void> => {
    await stack.write(account, 'p2', 'second');
    await stack.sees(id, 'MessageSettled', 2);
  };
  expect(await eventsOf(id, turn)).toBe(19);
});
