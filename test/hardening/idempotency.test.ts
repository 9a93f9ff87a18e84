/**
 * R24, B-7: every operation that takes an `Idempotency-Key`, as the OpenAPI document lists them: ten times at once, with
 * another body, and with a crash before and behind its record, one key has one effect and one answer. An operation added
 * tomorrow fails until this file knows when it is possible.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { Unanswered } from '../../courier/commands.ts';
import { type Account, type ConversationApi, createConversationApi } from '../api/conversation-api.ts';
import { operationsOf } from '../api/operations.ts';
import { createTestApi } from '../api/test-api.ts';
import { required } from '../support/required.ts';

/** Only for the list: the tests ask one with actors behind it. */
const shown = await createTestApi();
const operations = operationsOf(shown.app)
  .filter(({ headers }) => headers.includes('idempotency-key'))
  .map((one) => ({ ...one, title: `${one.method} ${one.path}` }));
await shown.close();

let api: ConversationApi;
let account: Account;
/** Behind the record, and before the answer is on its way. */
let afterwards: () => void = () => undefined;
beforeAll(async () => {
  const commands: ConversationApi['actors']['commands'] = {
    async execute(...asked) {
      const outcome = await api.actors.commands.execute(...asked);
      afterwards();
      return outcome;
    },
    signal: (...asked) => api.actors.commands.signal(...asked),
  };
  api = await createConversationApi({ deps: { commands } });
  account = await api.ready({ maxChats: 1_000 });
});
afterAll(() => api.close());

const agent = (): string => required(account.tokens[0]);
const tag = async (): Promise<string> => (await api.call(account.key, 'POST', '/v1/tags', { name: uuid() })).body.id;
const held = (): Promise<string> => api.held(account);
const talking = async (): Promise<string> => (await api.write(account, uuid(), 'hello')).conversationId;
const after = (action: string, body?: object) => async (): Promise<string> => {
  const id = await held();
  expect((await api.act(agent(), id, action, body)).status).toBe(200);
  return id;
};

/** By what its path ends with: a conversation in which it is possible, its body, and another body, if it can have one. */
const possible: Record<string, { in: () => Promise<string>; body?: () => Promise<object>; other?: object }> = {
  comment: { in: held, body: async () => ({ text: 'Once' }), other: { text: 'Else' } },
  'request-handover': { in: talking, body: async () => ({ reason: 'Once' }), other: { reason: 'Else' } },
  join: { in: () => api.queued(account) },
  assign: { in: () => api.queued(account) },
  unassign: { in: held },
  forward: {
    in: held,
    body: async () => ({ agentId: required(account.agentIds[1]) }),
    other: { groupId: uuid() },
  },
  'hand-back': { in: held },
  reply: { in: held, body: async () => ({ text: 'Once' }), other: { text: 'Else' } },
  resolve: { in: held },
  reopen: { in: after('resolve') },
  block: {
    in: held,
    body: async () => ({ reason: 'Once', message: 'Bye' }),
    other: { reason: 'Else', message: 'Bye' },
  },
  unblock: { in: after('block', { reason: 'Rude', message: 'Bye' }) },
  tag: { in: held, body: async () => ({ add: [await tag()] }), other: { add: [uuid()] } },
};

/** All that the conversation has come to: its events, and what is said of it elsewhere. */
async function effects(id: string): Promise<Record<string, number>> {
  const tables = ['domain_events', 'messages', 'comments', 'handover_requests', 'contact_blocks', 'outbound'];
  const counts = tables.map(async (table): Promise<[string, number]> => {
    const query = `SELECT 1 FROM ${table} WHERE account_id = $1 AND conversation_id = $2`;
    return [table, (await api.rows(account.accountId, query, [id])).length];
  });
  return Object.fromEntries(await Promise.all(counts));
}

describe.each(operations)('R24: $title', ({ path }) => {
  const action = required(path.split('/').at(-1));
  const prepared = async () => {
    const given = required(possible[action]);
    const id = await given.in();
    const body = await given.body?.();
    await api.actors.settle(account.accountId);
    const key = uuid();
    return { id, key, body, other: given.other, ask: () => api.act(agent(), id, action, body, key) };
  };

  test('ten times at once: one effect, one answer, also later', async () => {
    const { id, ask } = await prepared();
    const answers = await Promise.all(Array.from({ length: 10 }, ask));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(required(answers[0]).status).toBeLessThan(300);
    await api.actors.settle(account.accountId);
    const came = await effects(id);
    expect((await ask()).text).toBe(required(answers[0]).text);
    await api.actors.settle(account.accountId);
    expect(await effects(id)).toEqual(came);
  });

  test('for another body, or for another conversation: 422, and nothing is done', async () => {
    const { id, key, body, other, ask } = await prepared();
    expect((await ask()).status).toBeLessThan(300);
    const elsewhere = await prepared();
    await api.actors.settle(account.accountId);
    const came = [await effects(id), await effects(elsewhere.id)];
    const others = [
      await api.act(agent(), elsewhere.id, action, body, key),
      await api.act(required(account.tokens[1]), id, action, body, key),
      ...(other === undefined ? [] : [await api.act(agent(), id, action, other, key)]),
    ];
    const told = others.map(({ status, body: { code } }) => ({ status, code }));
    expect(told).toEqual(others.map(() => ({ status: 422, code: 'idempotency-key-reused' })));
    await api.actors.settle(account.accountId);
    expect([await effects(id), await effects(elsewhere.id)]).toEqual(came);
  });

  const isCommand = action !== 'comment';

  test.runIf(isCommand)('a crash before its record: sent again it is done, once', async () => {
    const { id, ask } = await prepared();
    const before = await effects(id);
    api.actors.before = () => Promise.reject(new Unanswered());
    expect(await ask()).toMatchObject({ status: 504, body: { code: 'unanswered' } });
    api.actors.before = () => Promise.resolve();
    expect((await effects(id))['domain_events']).toBe(before['domain_events']);
    expect((await ask()).status).toBe(200);
    await api.actors.settle(account.accountId);
    const came = await effects(id);
    expect((await ask()).status).toBe(200);
    await api.actors.settle(account.accountId);
    expect(await effects(id)).toEqual(came);
  });

  test.runIf(isCommand)('a crash behind its record: sent again it is answered, and not done again', async () => {
    const { id, ask } = await prepared();
    afterwards = () => {
      throw new Unanswered();
    };
    expect((await ask()).status).toBe(504);
    afterwards = () => undefined;
    await api.actors.settle(account.accountId);
    const came = await effects(id);
    expect((await ask()).status).toBe(200);
    await api.actors.settle(account.accountId);
    expect(await effects(id)).toEqual(came);
  });
});
