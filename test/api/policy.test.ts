import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allTold } from '../support/announcements.ts';
import { inboxOf, seedConversation } from './conversation.ts';
import { createTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => (api = await createTestApi()));
afterAll(() => api.close());

const notices = {
  assigned: 'a',
  'all-offline': 'b',
  'all-busy': 'c',
  'out-of-hours': 'd',
  'queue-wait': 'e',
  'idle-warning': 'f',
  resolved: 'g',
  blocked: 'h',
  'bot-failed': 'i',
  'form-retry': 'j',
  'handover-failed': 'k',
};

describe('a policy', () => {
  test('is replaced by a new version; versions stay as they were', async () => {
    const { key, groupId } = await api.account();
    const routing = {
      rules: [{ skill: 'returns', target: { kind: 'group', groupId } }],
      default: { kind: 'group', groupId },
      webstores: [{ pattern: 'shop.example/de/', webstore: 'de' }],
    };
    const wanted = {
      numbers: { queue: { waitMs: 60_000 }, firstReplyMs: 300_000 },
      groups: { [groupId]: { assignment: 'automatic' } },
      notices,
      form: [{ name: 'order', question: 'Which order?' }],
      routing,
    };
    const put = await api.call(key, 'PUT', '/v1/policy', wanted);
    expect(put).toMatchObject({ status: 200, body: { version: 2, notices, routing, groups: wanted.groups } });
    expect(put.body.numbers).toMatchObject({
      queue: { waitMs: 60_000, onWaitOver: 'keep-waiting' },
      firstReplyMs: 300_000,
    });
    expect(put.body.form).toEqual([{ name: 'order', question: 'Which order?', type: 'text', required: true }]);
    expect((await api.call(key, 'GET', '/v1/policy')).body).toEqual(put.body);
    expect((await api.call(key, 'GET', '/v1/policy/versions/2')).body).toEqual(put.body);
    expect((await api.call(key, 'GET', '/v1/policy/versions/1')).body).toMatchObject({ version: 1, form: [] });
    expect((await api.call(key, 'GET', '/v1/policy/versions/3')).status).toBe(404);
    const versions = await api.call(key, 'GET', '/v1/policy/versions?limit=1');
    expect(versions.body.items).toMatchObject([{ version: 2 }]);
    const older = await api.call(key, 'GET', `/v1/policy/versions?limit=1&cursor=${versions.body.next}`);
    expect(older.body).toMatchObject({ items: [{ version: 1 }], next: null });
  });

  test('S2-3: with any text empty it is refused whole, and nothing is saved', async () => {
    const { key } = await api.account();
    const routing = {};
    for (const code of Object.keys(notices)) {
      for (const text of ['', '  \n ', undefined]) {
        const answer = await api.call(key, 'PUT', '/v1/policy', { notices: { ...notices, [code]: text }, routing });
        expect(answer).toMatchObject({
          status: 422,
          body: { code: 'invalid-settings', issues: [{ path: ['body', 'notices', code] }] },
        });
      }
    }
    expect((await api.call(key, 'GET', '/v1/policy')).body.version).toBe(1);
  });

  test('names groups and desks that there are, and says all that is wrong at once', async () => {
    const { key } = await api.account();
    const { groupId } = await api.account();
    const answer = await api.call(key, 'PUT', '/v1/policy', {
      numbers: { intake: { by: 'form' }, idle: { warnMs: 2_000, closeMs: 1_000 } },
      groups: { [groupId]: {} },
      notices: { ...notices, assigned: '' },
      form: [],
      routing: { rules: [{ target: { kind: 'desk', deskId: groupId } }], default: { kind: 'group', groupId } },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.issues.map(({ path }) => path.join('.'))).toEqual([
      'body.notices.assigned',
      'body.numbers.intake.by',
      'body.numbers.idle.warnMs',
      `body.groups.${groupId}`,
      'body.routing.rules.0.target',
      'body.routing.default',
    ]);
  });

  test('takes no option of a form by which a customer would say something else', async () => {
    const { key } = await api.account();
    const choice = (more: object) => ({ name: 'how', question: 'How?', type: 'choice', ...more });
    const put = (field: object) => api.call(key, 'PUT', '/v1/policy', { notices, routing: {}, form: [choice(field)] });
    for (const [field, at] of [
      [{ options: ['by post', 'by hand', ' BY POST '] }, 2],
      [{ options: ['go', 'Stop'] }, 1],
      [{ options: ['go', 'no more'], cancelWords: ['no more'] }, 1],
      [{ options: ['Skip', 'go'], required: false }, 0],
    ] as const) {
      const answer = await put(field);
      expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-settings' } });
      expect(answer.body.issues.map(({ path }) => path)).toEqual([['body', 'form', 0, 'options', at]]);
    }
    expect((await put({ options: ['go', 'stop', 'skip'], cancelWords: ['no more'] })).status).toBe(200);
  });

  test('takes no number outside its limits', async () => {
    const { key } = await api.account();
    for (const numbers of [
      { lock: { sessionMs: 0 } },
      { lock: { sessionMs: 1.5 } },
      { reopen: { windowMs: 73 * 3_600_000 } },
      { bot: { timeoutMs: 15_001 } },
      { queue: { waitMS: 1_000 } },
      { maxTransfers: null },
    ]) {
      const answer = await api.call(key, 'PUT', '/v1/policy', { numbers, notices, routing: {} });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
      expect(answer.body.issues[0]?.path.slice(0, 2)).toEqual(['body', 'numbers']);
    }
  });

  test('is refused as input is everywhere where it doesn’t fit the schema: 400, at the very field', async () => {
    const { key } = await api.account();
    for (const [body, path] of [
      [{ notices, routing: {}, extra: 1 }, ['extra']],
      [{ notices: { ...notices, greeting: 'Hello' }, routing: {} }, ['notices', 'greeting']],
      [{ notices, routing: {}, numbers: { queue: { waitMS: 1_000 } } }, ['numbers', 'queue', 'waitMS']],
      [{ notices, routing: { default: { kind: 'queue' } } }, ['routing', 'default', 'kind']],
      [
        { notices, routing: {}, form: [{ name: 'mail', question: 'Your address?', type: 'e-mail' }] },
        ['form', 0, 'type'],
      ],
      [{ routing: {} }, ['notices']],
      [{ notices }, ['routing']],
    ] as const) {
      const answer = await api.call(key, 'PUT', '/v1/policy', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
      expect(answer.body.issues.map((issue) => issue.path)).toEqual([['body', ...path]]);
    }
    expect((await api.call(key, 'GET', '/v1/policy')).body.version).toBe(1);
  });

  test('replaces the whole of what was there, and what is read can be sent back', async () => {
    const { key } = await api.account();
    const put = (body: object) => api.call(key, 'PUT', '/v1/policy', body);
    const form = [{ name: 'order', question: 'Which order?' }];
    expect((await put({ notices, routing: {}, form, numbers: { queue: { waitMs: 1_000 } } })).status).toBe(200);
    const { body } = await api.call(key, 'GET', '/v1/policy');
    const read = Object.fromEntries(
      Object.entries(body).filter(([name]) => name !== 'version' && name !== 'createdAt'),
    );
    expect(await put(read)).toMatchObject({ status: 200, body: { ...read, version: body.version + 1 } });
    const bare = await put({ notices, routing: {} });
    expect(bare).toMatchObject({ status: 200, body: { form: [], numbers: { queue: { waitMs: 1_800_000 } } } });
  });

  test('is told to every conversation with something open, once, and to no other', async () => {
    const account = await api.account();
    const other = await api.account();
    const open = await seedConversation(api.pool, account);
    const idle = await seedConversation(api.pool, account, { open: false });
    const foreign = await seedConversation(api.pool, other);
    await api.call(account.key, 'PUT', '/v1/policy', { notices, routing: {} });
    await allTold(api.pool, account.accountId);
    expect(await inboxOf(api.pool, account.accountId, open.conversationId)).toEqual([
      { type: 'PolicyChanged', payload: {} },
    ]);
    expect(await inboxOf(api.pool, account.accountId, idle.conversationId)).toEqual([]);
    expect(await inboxOf(api.pool, other.accountId, foreign.conversationId)).toEqual([]);
  });

  test('is saved one after the other by those who save at once; with If-Match only on what one has seen', async () => {
    const { key } = await api.account();
    const save = (headers = {}) => api.call(key, 'PUT', '/v1/policy', { notices, routing: {} }, headers);
    const saved = await Promise.all([save(), save(), save()]);
    expect(new Set(saved.map(({ body }) => body.version))).toEqual(new Set([2, 3, 4]));
    const seen = await api.call(key, 'GET', '/v1/policy');
    expect(seen.headers['etag']).toBe('"4"');
    const both = await Promise.all([save({ 'if-match': '"4"' }), save({ 'if-match': '"4"' })]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 412]));
  });
});
