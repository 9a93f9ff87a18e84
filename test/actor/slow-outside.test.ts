/** What is outside may take its time, or be dead: no decision waits for it. */
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';

let stack: ActorStack;
let open: () => void;
let gate: Promise<void>;

beforeEach(async () => {
  stack = await startActorStack();
  gate = new Promise((resolve) => (open = resolve));
});
afterEach(async () => {
  open();
  await stack.close();
});

test('a channel that does not answer holds up no decision; when it does, all is delivered, in order', async () => {
  stack.channel.hear = () => gate;
  await stack.startWorker();
  const account = await stack.account({ responsible: 'managers' });
  const write = (text: string) => stack.write(account, 'dead', text);
  const { conversationId } = await write('first');
  const id: ActorId = { accountId: account.accountId, conversationId: required(conversationId) };
  await stack.sees(id, 'ConversationQueued');
  const agentId = required(account.agentIds[0]);
  const acts = (name: 'Join' | 'Resolve') => {
    const by = { kind: 'agent' as const, agentId };
    return stack.commands.execute(id, name, { key: uuid(), by, agentId } as never);
  };
  expect(await acts('Join')).toMatchObject({ ok: true, phase: 'assigned' });
  for (const text of ['second', 'third']) await write(text);
  await stack.caughtUp(id);
  expect(await acts('Resolve')).toMatchObject({ ok: true, phase: 'resolved' });
  expect(stack.channel.heard).toEqual([]);
  open();
  await until(() => Promise.resolve(stack.channel.heard.length === 2));
  expect(stack.channel.heard.map(({ content }) => content.text)).toEqual(['notice: assigned', 'notice: resolved']);
  await stack.sees(id, 'MessageSettled', 2);
  expectInOrder(await expectInvariants(stack.pool, id), 3);
});

test('a bot that takes its time holds up no decision; what came meanwhile is its next turn', async () => {
  stack.around = (made) => ({
    ...made,
    async askBot(actor, work) {
      await gate;
      return made.askBot(actor, work);
    },
  });
  stack.bot.answer = () => ({ messages: [], handover: null, intake: null });
  await stack.startWorker();
  const account = await stack.account();
  const write = (text: string) => stack.write(account, 'slow', text);
  const { conversationId } = await write('first');
  const id: ActorId = { accountId: account.accountId, conversationId: required(conversationId) };
  await stack.sees(id, 'CustomerMessageAccepted');
  for (const text of ['second', 'third']) await write(text);
  await stack.caughtUp(id);
  const by = { kind: 'agent' as const, agentId: required(account.agentIds[0]) };
  expect(await stack.commands.execute(id, 'Tag', { key: uuid(), by, add: [uuid()], remove: [] })).toMatchObject({
    ok: true,
  });
  expect(stack.bot.turns).toEqual([]);
  open();
  await until(() => Promise.resolve(stack.bot.turns.length === 2));
  const texts = stack.bot.turns.map(({ event }) =>
    event.type === 'messages' ? event.messages.map(({ content }) => content.text) : [],
  );
  expect(texts).toEqual([['first'], ['second', 'third']]);
  expectInOrder(await expectInvariants(stack.pool, id), 3);
});
