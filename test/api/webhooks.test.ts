import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { signReplyToken } from '../../adapters/reply-token.ts';
import { signedHeaders } from '../../adapters/signatures.ts';
import { createPool } from '../../store/connection.ts';
import { turnId } from '../../store/turns.ts';
import { required } from '../support/required.ts';
import { addDesk } from '../support/conversation-rows.ts';
import { type Account, type ConversationApi, createConversationApi, tokenKey } from './conversation-api.ts';
import { createTestApi, inject } from './test-api.ts';

let api: ConversationApi;
let backlogFull = false;
beforeAll(async () => (api = await createConversationApi({ deps: { backlog: { isFull: () => backlogFull } } })));
afterAll(() => api.close());

const [secret, older, foreign] = [
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  'whsec_plJ3nmyCDGBKInavdOK15jsl1RkGSYsV',
];
const minutes = 60_000;

interface Post {
  by?: string;
  at?: number;
  webhookId?: string;
  headers?: Record<string, string>;
}

async function post(
  path: string,
  body: unknown,
  { by = secret, at = Date.now(), webhookId = uuid(), headers }: Post = {},
) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const signed = headers ?? required(signedHeaders(webhookId, at, payload, [by ?? '']));
  return inject(api.app, {
    method: 'POST',
    url: path,
    payload,
    headers: { 'content-type': 'application/json', ...signed },
  });
}

async function signing(secrets: (string | undefined)[] = [secret, older]): Promise<Account & { hook: string }> {
  const account = await api.ready();
  await api.rows(account.accountId, 'UPDATE channels SET secrets = $2 WHERE account_id = $1', [
    JSON.stringify(secrets),
  ]);
  return { ...account, hook: `/v1/webhooks/${account.accountId}/${account.channelId}` };
}

const message = (id: string, text: string, thread = 'ann') => ({
  type: 'message.received',
  data: { id, thread, contact: { id: thread, name: 'Ann' }, content: { text } },
});

const stored = async ({ accountId }: Account) =>
  (
    await api.rows<{ text: string }>(
      accountId,
      `SELECT content->>'text' AS text FROM messages WHERE account_id = $1 AND direction = 'in' ORDER BY inbox_seq`,
    )
  ).map(({ text }) => text);

describe('R20: signatures', () => {
  test('absent, wrong, truncated, another’s, stale or of other bytes: 401, before anything is read', async () => {
    const account = await signing();
    const body = message('m1', 'Hello');
    const text = JSON.stringify(body);
    const good = required(signedHeaders('w1', Date.now(), text, [secret ?? '']));
    const signature = good['webhook-signature'] ?? '';
    const cases: Record<string, Post> = {
      absent: { headers: {} },
      'without a signature': { headers: { ...good, 'webhook-signature': '' } },
      truncated: { headers: { ...good, 'webhook-signature': signature.slice(0, -3) } },
      'of another scheme': { headers: { ...good, 'webhook-signature': signature.replace('v1,', 'v2,') } },
      'by a foreign secret': { by: foreign ?? '' },
      'too old': { at: Date.now() - 6 * minutes },
      'of the future': { at: Date.now() + 6 * minutes },
      'for another id': { headers: { ...good, 'webhook-id': 'w2' } },
      'for another time': { headers: { ...good, 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) + 1) } },
    };
    for (const [name, how] of Object.entries(cases)) {
      const answer = await post(account.hook, body, how);
      expect({ name, status: answer.status }).toEqual({ name, status: 401 });
      expect(answer.body.code).toBe('unauthenticated');
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    expect((await post(account.hook, `${text} `, { headers: good })).status).toBe(401);
    // What can't be read is not looked at either, until it is signed.
    expect((await post(account.hook, '{"not json', { headers: {} })).status).toBe(401);
    expect(await stored(account)).toEqual([]);
    expect(await api.rows(account.accountId, 'SELECT 1 FROM parked WHERE account_id = $1')).toEqual([]);
  });

  test('rotated: both secrets are good, and a replay in time has no second effect', async () => {
    const account = await signing();
    expect((await post(account.hook, message('m1', 'by the new'))).status).toBe(200);
    const headers = required(
      signedHeaders('w', Date.now(), JSON.stringify(message('m2', 'by the old')), [older ?? '']),
    );
    for (const time of [1, 2, 3]) {
      expect({ time, status: (await post(account.hook, message('m2', 'by the old'), { headers })).status }).toEqual({
        time,
        status: 200,
      });
    }
    expect(await stored(account)).toEqual(['by the new', 'by the old']);
  });
});

describe('a webhook', () => {
  test('R6: three times, at once and again later: one effect, the same acknowledgement', async () => {
    const account = await signing();
    const batch = [message('m1', 'one'), message('m2', 'two'), message('m3', 'three', 'bob')];
    const answers = await Promise.all([1, 2, 3].map(() => post(account.hook, batch)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 {}']));
    await api.actors.settle(account.accountId);
    expect((await post(account.hook, batch)).status).toBe(200);
    await api.actors.settle(account.accountId);
    expect((await stored(account)).toSorted()).toEqual(['one', 'three', 'two']);
    const { items } = await api.read<{ items: object[] }>(account.key, '/v1/conversations');
    expect(items).toHaveLength(2);
    expect(api.actors.sent.map(({ content }) => content.text).filter((text) => text?.endsWith('three'))).toHaveLength(
      1,
    );
  });

  test('B-6: 20 at the same moment from a new customer: one conversation with 20 messages', async () => {
    const account = await signing();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, no) => post(account.hook, message(`m${no}`, `no ${no}`))),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(await stored(account)).size).toBe(20);
    const { items } = await api.read<{ items: object[] }>(account.key, '/v1/conversations');
    expect(items).toHaveLength(1);
  });

  test('one bad item doesn’t drop its batch: it is parked, and can be read again once the adapter can', async () => {
    const account = await signing();
    const bad = { type: 'message.received', data: { id: 'bad', thread: 'ann', contact: {}, content: { text: 'x' } } };
    expect((await post(account.hook, [message('m1', 'before'), bad, message('m2', 'behind')])).status).toBe(200);
    expect(await stored(account)).toEqual(['before', 'behind']);
    const letters = await api.read<{ items: { id: string }[] }>(account.key, '/v1/dead-letters?kind=parked');
    expect(letters.items).toMatchObject([{ kind: 'parked', parked: { sourceId: account.channelId } }]);
    const resume = `/v1/parked/${required(letters.items[0]).id}/resume`;
    expect(await api.call(account.key, 'POST', resume)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    await api.rows(account.accountId, 'UPDATE parked SET item = $2 WHERE account_id = $1', [
      JSON.stringify(message('bad', 'mended')),
    ]);
    for (const time of ['once', 'again']) {
      expect({ time, status: (await api.call(account.key, 'POST', resume)).status }).toEqual({ time, status: 204 });
    }
    expect(await stored(account)).toEqual(['before', 'behind', 'mended']);
    expect((await api.read<{ items: object[] }>(account.key, '/v1/dead-letters')).items).toEqual([]);
  });

  test('is read whatever its content type, and whatever it is, once it is signed', async () => {
    const account = await signing();
    const text = JSON.stringify(message('m1', 'plain'));
    const headers = required(signedHeaders('w', Date.now(), text, [secret ?? '']));
    const answer = await post(account.hook, text, { headers: { ...headers, 'content-type': 'text/plain' } });
    expect(answer.status).toBe(200);
    expect(await stored(account)).toEqual(['plain']);
    for (const body of ['', 'null', '[]', '{"not json', '[1,2]', '{"type":"unknown.thing","data":{}}']) {
      expect({ body, status: (await post(account.hook, body)).status }).toEqual({ body, status: 200 });
    }
    expect(await stored(account)).toEqual(['plain']);
  });

  test('for an unknown channel, one of another account, one that is off or has no webhook: the same 404', async () => {
    const [account, other] = [await signing(), await signing()];
    const path = (accountId: string, channelId: string) => `/v1/webhooks/${accountId}/${channelId}`;
    const off = await signing();
    await api.rows(off.accountId, 'UPDATE channels SET disabled_at = now() WHERE account_id = $1');
    const webchat = await api.ready({ channelType: 'webchat' });
    const shapes = new Set<string>();
    for (const url of [
      path(account.accountId, uuid()),
      path(account.accountId, other.channelId),
      path(uuid(), account.channelId),
      path('nobody', 'nothing'),
      off.hook,
      path(webchat.accountId, webchat.channelId),
    ]) {
      const { status, body } = await post(url, message('m1', 'x'));
      shapes.add(JSON.stringify({ ...body, status, requestId: '' }));
      expect({ url, status, code: body.code }).toEqual({ url, status: 404, code: 'not-found' });
    }
    expect(shapes.size).toBe(1);
    expect((await api.call(null, 'GET', account.hook)).status).toBe(401);
  });

  test('R25: is turned away with 503 and Retry-After while more waits than can be handed over', async () => {
    const account = await signing();
    backlogFull = true;
    try {
      const answer = await post(account.hook, message('m1', 'too much'));
      expect(answer).toMatchObject({ status: 503, body: { code: 'backlog-full' }, headers: { 'retry-after': '5' } });
    } finally {
      backlogFull = false;
    }
    expect(await stored(account)).toEqual([]);
    expect((await post(account.hook, message('m1', 'now'))).status).toBe(200);
    expect(await stored(account)).toEqual(['now']);
  });

  test('R3: is a 503 with Retry-After while Postgres is away, never a false 2xx', async () => {
    const account = await signing();
    const pool = createPool({ url: 'postgres://baton_api@127.0.0.1:1/nowhere', max: 1, name: 'away' });
    const away = await createTestApi({ config: { tokenKey }, deps: { pool } });
    try {
      const payload = JSON.stringify(message('m1', 'Hello'));
      const headers = required(signedHeaders('w', Date.now(), payload, [secret ?? '']));
      const post_ = (url: string, more: Record<string, string>) =>
        inject(away.app, { method: 'POST', url, payload, headers: more });
      const json = { 'content-type': 'application/json' };
      const bearer = signReplyToken(tokenKey, account.accountId, turnId(account.channelId, 1));
      for (const answer of [
        await post_(account.hook, { ...json, ...headers }),
        await post_(`/v1/desks/${account.accountId}/${uuid()}/events`, { ...json, ...headers }),
        await post_('/v1/widget/messages', { ...json, authorization: `Bearer vt_${'x'.repeat(43)}` }),
        await inject(away.app, {
          method: 'POST',
          url: `/v1/bot-replies/${account.accountId}/${account.channelId}/1`,
          payload: {},
          headers: { authorization: `Bearer ${bearer}` },
        }),
      ]) {
        expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
    } finally {
      await away.close();
      await pool.end();
    }
  });

  test('R22: that is too large is a 413', async () => {
    const account = await signing();
    const answer = await post(account.hook, 'x'.repeat(2_000_000));
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload-too-large' } });
  });

  test('R22: of more than 1,000 items is a 413, and nothing of it is stored; of 1,000, all of it', async () => {
    const account = await signing();
    const items = Array.from({ length: 1_001 }, (_, no) => message(`m${no}`, `no ${no}`));
    const answer = await post(account.hook, items);
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload-too-large' } });
    expect(await stored(account)).toEqual([]);
    expect((await post(account.hook, items.slice(1))).status).toBe(200);
    expect(await stored(account)).toEqual(items.slice(1).map(({ data }) => data.content.text));
  });
});

describe('desks', () => {
  async function withDesk() {
    const account = await api.ready();
    const deskId = await addDesk(api.pool, account.accountId);
    await api.rows(account.accountId, 'UPDATE desks SET secrets = $2 WHERE account_id = $1', [
      JSON.stringify([secret]),
    ]);
    const { conversationId } = await api.write(account, uuid(), 'hello');
    await api.act(account.key, conversationId, 'request-handover', { deskId });
    await api.actors.settle(account.accountId);
    const [thread = ''] = (
      await api.rows<{ thread: string }>(
        account.accountId,
        'SELECT external_thread AS thread FROM conversations WHERE account_id = $1 AND id = $2',
        [conversationId],
      )
    ).map((row) => row.thread);
    return { ...account, deskId, conversationId, thread, events: `/v1/desks/${account.accountId}/${deskId}/events` };
  }

  test('S0-4: accept, answer and close the chats that they were offered, each word once', async () => {
    const { accountId, key, conversationId, thread, events, deskId } = await withDesk();
    const state = async () => (await api.call(key, 'GET', `/v1/conversations/${conversationId}`)).body;
    expect(await state()).toMatchObject({ state: 'queued', deskId });
    const chat = { handoverId: `${conversationId}:h1`, person: { id: 'p1', name: 'Pat' } };
    for (const time of ['once', 'again']) {
      const { status } = await post(events, { type: 'desk.accepted', data: { id: 'a', ...chat } });
      expect({ time, status }).toEqual({ time, status: 200 });
    }
    await api.actors.settle(accountId);
    expect(await state()).toMatchObject({ state: 'assigned', holder: { kind: 'desk', id: deskId } });
    const answered = { type: 'desk.answered', data: { id: 'w1', ...chat, content: { text: 'From the desk' } } };
    await Promise.all([1, 2, 3].map(() => post(events, answered)));
    await api.actors.settle(accountId);
    const heard = api.actors.sent.filter((one) => one.thread === thread);
    expect(heard.filter(({ content }) => content.text === 'From the desk')).toMatchObject([
      { author: { name: 'Pat' } },
    ]);
    expect((await post(events, { type: 'desk.closed', data: { id: 'c', handoverId: chat.handoverId } })).status).toBe(
      200,
    );
    await api.actors.settle(accountId);
    expect(await state()).toMatchObject({ state: 'resolved' });
  });

  test('R20: unsigned, or of another account: 401 and 404, and nothing happens', async () => {
    const one = await withDesk();
    const other = await withDesk();
    const accepted = { type: 'desk.accepted', data: { id: 'a', handoverId: `${other.conversationId}:h1` } };
    expect((await post(one.events, accepted, { headers: {} })).status).toBe(401);
    expect((await post(one.events, accepted, { by: foreign ?? '' })).status).toBe(401);
    expect((await post(`/v1/desks/${one.accountId}/${other.deskId}/events`, accepted)).status).toBe(404);
    // Signed by its own secret, and about somebody else's chat: taken, and without effect.
    expect((await post(one.events, accepted)).status).toBe(200);
    await api.actors.settle(other.accountId);
    const { body } = await api.call(other.key, 'GET', `/v1/conversations/${other.conversationId}`);
    expect(body).toMatchObject({ state: 'queued' });
  });
});

describe('a bot’s later answer', () => {
  async function deferred() {
    const account = await api.ready();
    const answer = api.actors.bot;
    api.actors.bot = () => 'deferred';
    const thread = uuid();
    const { conversationId } = await api.write(account, thread, 'think about it');
    api.actors.bot = answer;
    const { reply } = required(api.actors.turns.at(-1));
    return { account, thread, conversationId, token: reply.token, path: new URL(reply.url).pathname };
  }

  const heardBy = (thread: string) =>
    api.actors.sent.filter((one) => one.thread === thread).map((one) => one.content.text);

  test('is said, once, and sent again it is answered the same', async () => {
    const { account, thread, token, path } = await deferred();
    const answers = await Promise.all([1, 2, 3].map(() => api.call(token, 'POST', path, { messages: ['I thought'] })));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 200, body: { accepted: true } });
    await api.actors.settle(account.accountId);
    expect((await api.call(token, 'POST', path, { messages: ['Something else'] })).text).toBe(
      required(answers[0]).text,
    );
    await api.actors.settle(account.accountId);
    expect(heardBy(thread)).toEqual(['I thought']);
    const news = await api.rows(
      account.accountId,
      `SELECT 1 FROM inbox WHERE account_id = $1 AND type = 'BotAnswered'`,
    );
    expect(news).toHaveLength(1);
  });

  test('S3-1: may ask for a person', async () => {
    const { account, conversationId, token, path } = await deferred();
    const handover = { messages: ['One moment'], handover: { reason: 'too hard', skill: 'wisdom' } };
    expect((await api.call(token, 'POST', path, handover)).status).toBe(200);
    await api.actors.settle(account.accountId);
    const { body } = await api.call(account.key, 'GET', `/v1/conversations/${conversationId}`);
    expect(body).toMatchObject({ state: 'queued', handover: { reason: 'too hard', skill: 'wisdom' } });
  });

  test('R20: needs the token of this very turn; what it can’t say is a 400, and the turn still open', async () => {
    const { account, thread, conversationId, token, path } = await deferred();
    const answer = { messages: ['x'] };
    expect((await api.call(null, 'POST', path, answer)).status).toBe(401);
    expect((await api.call(token.slice(0, -2), 'POST', path, answer)).status).toBe(401);
    expect((await api.call(token, 'POST', path.replace(/\d+$/, '9'), answer)).status).toBe(401);
    const other = await deferred();
    expect((await api.call(other.token, 'POST', path, answer)).status).toBe(401);
    for (const url of [path.replace(/\d+$/, 'x'), path.replace(conversationId, 'x'), path.replace(/\d+$/, '0')]) {
      expect((await api.call(token, 'POST', url, answer)).status).toBe(404);
    }
    const nowhere = uuid();
    const signed = signReplyToken(tokenKey, account.accountId, turnId(nowhere, 1));
    expect((await api.call(signed, 'POST', path.replace(conversationId, nowhere), answer)).status).toBe(404);
    const bad = await api.call(token, 'POST', path, { messages: [{ text: 7 }] });
    expect(bad).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect((await api.call(token, 'POST', path, answer)).status).toBe(200);
    await api.actors.settle(account.accountId);
    expect(heardBy(thread)).toEqual(['x']);
  });
});
