/** The API with everything behind it: the real Temporal, a courier, a worker; nothing is played but bot and visitor. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type ActorStack, startActorStack } from '../support/actor-stack.ts';
import type { AccountOptions, SeededAccount } from '../support/account.ts';
import { required } from '../support/required.ts';
import { runsOf } from '../support/runs.ts';
import { until } from '../support/until.ts';
import { openEvents } from './event-source.ts';
import { type Answer, createTestApi, type TestApi } from './test-api.ts';

interface Account extends SeededAccount {
  key: string;
  tokens: string[];
}

let stack: ActorStack;
let api: TestApi;
let url: string;

beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
  api = await createTestApi({ deps: { pool: stack.apiPool, commands: stack.commands } });
  url = await api.app.listen({ port: 0 });
  stack.bot.answer = ({ event }) => {
    const text = event.type === 'messages' ? (event.messages.at(-1)?.content.text ?? '') : '';
    const handover = text === 'human' ? { reason: 'asked for a person' } : null;
    return { messages: handover ? [] : [{ text: `echo: ${text}` }], handover, intake: null };
  };
});
afterAll(async () => {
  await api.close();
  await stack.close();
});

async function ready(options: AccountOptions = {}): Promise<Account> {
  const account = await api.account({ ...options, numbers: { intake: { by: 'none' } } });
  const tokens = [];
  for (const id of account.agentIds) {
    tokens.push((await api.call(account.key, 'POST', `/v1/agents/${id}/tokens`)).body.token);
  }
  return { ...account, tokens };
}

const act = (
  token: string,
  id: string,
  action: string,
  body?: object,
  headers?: Record<string, string>,
): Promise<Answer> => api.call(token, 'POST', `/v1/conversations/${id}/actions/${action}`, body, headers);

async function stateOf({ key }: Account, id: string): Promise<string> {
  const { text } = await api.call(key, 'GET', `/v1/conversations/${id}`);
  return (JSON.parse(text) as { state: string }).state;
}

/** A chat that the first agent holds. */
async function held(account: Account): Promise<string> {
  const { conversationId } = await stack.write(account, uuid(), 'human');
  const id = required(conversationId);
  await until(async () => (await stateOf(account, id)) === 'queued');
  expect((await act(required(account.tokens[0]), id, 'join')).status).toBe(200);
  return id;
}

test('S4-1: from a visitor’s first message to a resolved hand-over, each side reading the same', async () => {
  const account = await ready({ channelType: 'webchat' });
  const { accountId, channelId } = account;
  const [agent = ''] = account.tokens;
  const { token } = (await api.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId })).body;
  const visitor = await openEvents<{ content?: { text?: string } }>(`${url}/v1/widget/events`, {
    authorization: `Bearer ${token}`,
  });
  const feed = await openEvents<{
    conversationId?: string;
    type?: string;
    message?: { content: { text: string } } | null;
  }>(`${url}/v1/feed`, { authorization: `Bearer ${agent}` });
  const heard = () => visitor.seen.flatMap(({ data }) => data.content?.text ?? []);
  const write = (text: string) => api.call(token, 'POST', '/v1/widget/messages', { clientMessageId: uuid(), text });
  try {
    expect((await write('hello')).status).toBe(200);
    await visitor.until(() => heard().includes('echo: hello'));
    await write('human');
    await feed.until((seen) => seen.some(({ data }) => data.type === 'ConversationQueued'));
    const id = required(feed.seen.find(({ data }) => data.type === 'ConversationQueued')?.data.conversationId);
    expect((await act(agent, id, 'join')).status).toBe(200);
    expect(await act(required(account.tokens[1]), id, 'reply', { text: 'not mine' })).toMatchObject({
      status: 409,
      body: { code: 'not-the-owner', ownerId: account.agentIds[0] },
    });
    expect((await act(agent, id, 'reply', { text: 'Good morning' })).status).toBe(200);
    await visitor.until(() => heard().includes('Good morning'));
    await write('thank you');
    await feed.until((seen) => seen.some(({ data }) => data.message?.content.text === 'thank you'));
    // Whoever reads after the answer sees its effect.
    expect((await act(agent, id, 'resolve')).status).toBe(200);
    expect(await stateOf(account, id)).toBe('resolved');
    await visitor.until(() => heard().includes('notice: resolved'));
    expect(heard()).toEqual([
      'hello',
      'echo: hello',
      'human',
      'notice: assigned',
      'Good morning',
      'thank you',
      'notice: resolved',
    ]);
    expect((await api.call(account.key, 'GET', '/v1/invariants')).text).toContain('"ok":true');
  } finally {
    visitor.close();
    feed.close();
  }
});

test('S4-4: ten join at once: the first has it, the others get 409 with the owner', async () => {
  const account = await ready({ agents: 10 });
  const { conversationId } = await stack.write(account, uuid(), 'human');
  const id = required(conversationId);
  await until(async () => (await stateOf(account, id)) === 'queued');
  const answers = await Promise.all(account.tokens.map((token) => act(token, id, 'join')));
  const winner = answers.findIndex(({ status }) => status === 200);
  const refused = answers.filter((_, index) => index !== winner);
  for (const { status, body } of refused) {
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'taken', ownerId: account.agentIds[winner] } });
  }
});

describe('B-7, R24: one key', () => {
  test('ten times at once: one effect, the same answer', async () => {
    const account = await ready();
    const id = await held(account);
    const [token = ''] = account.tokens;
    const send = () => act(token, id, 'reply', { text: 'once' }, { 'idempotency-key': 'ten' });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(required(answers[0]).status).toBe(200);
    const queued = (await stack.events({ accountId: account.accountId, conversationId: id })).filter(
      (event) => event.type === 'MessageQueued' && event.author === 'agent',
    );
    expect(queued).toHaveLength(1);
  });

  test('also after continue-as-new', async () => {
    const account = await ready();
    const id = await held(account);
    const actor = { accountId: account.accountId, conversationId: id };
    const [token = ''] = account.tokens;
    const first = await act(token, id, 'reply', { text: 'first' }, { 'idempotency-key': 'before' });
    for (let no = 0; (await runsOf(stack.pool, actor)) < 2; no += 1) {
      const answers = await Promise.all(
        ['a', 'b', 'c', 'd'].map((part) => act(token, id, 'reply', { text: `${no}${part}` })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    }
    const count = async () => (await stack.events(actor)).filter(({ type }) => type === 'OwnerReplied').length;
    const before = await count();
    const again = await act(token, id, 'reply', { text: 'first' }, { 'idempotency-key': 'before' });
    expect(again.text).toBe(first.text);
    expect(await count()).toBe(before);
  });

  test('for which nobody waits: the outcome is found under it', async () => {
    const account = await ready();
    const id = await held(account);
    const [owner = '', other = ''] = account.tokens;
    const later = { prefer: 'respond-async', 'idempotency-key': 'later' };
    const answer = await act(owner, id, 'resolve', undefined, later);
    expect(answer).toMatchObject({ status: 202, headers: { location: '/v1/outcomes/later' } });
    await until(async () => (await api.call(owner, 'GET', '/v1/outcomes/later')).status === 200);
    expect(await act(owner, id, 'resolve', undefined, later)).toMatchObject({ status: 200, body: { ok: true } });
    const refused = { ...later, 'idempotency-key': 'refused' };
    expect((await act(other, id, 'hand-back', undefined, refused)).status).toBe(202);
    await until(async () => (await api.call(owner, 'GET', '/v1/outcomes/refused')).status === 409);
  });
});
