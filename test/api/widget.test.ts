/** The web chat as its script uses it: sessions, words, a stream that resumes with no gap and no repeat. */
import { createHmac } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import { type Account, type ConversationApi, createConversationApi, type Line, type Page } from './conversation-api.ts';
import { type EventClient, openEvents } from './event-source.ts';
import type { Answer } from './test-api.ts';

interface Message {
  id: string;
  place: number;
  author: { kind: string; name?: string };
  content: { text?: string };
  clientMessageId?: string;
}

let api: ConversationApi;
let url: string;
const open: EventClient[] = [];
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

beforeAll(async () => {
  api = await createConversationApi();
  url = await api.app.listen({ port: 0 });
});
afterEach(() => open.splice(0).forEach((client) => client.close()));
afterAll(() => api.close());

const chat = (settings: object = { allowedOrigins: ['https://shop.example'], title: 'Ask us' }) =>
  api.ready({ channelType: 'webchat', channelSettings: settings });

const session = ({ accountId, channelId }: Account, more: object = {}, headers: Record<string, string> = {}) =>
  api.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId, ...more }, headers);

const tokenOf = async (account: Account, more: object = {}): Promise<string> =>
  (await session(account, more)).body.token;

async function write(account: Account, token: string, text: string, clientMessageId = uuid()): Promise<Answer> {
  const answer = await api.call(token, 'POST', '/v1/widget/messages', { clientMessageId, text });
  await api.actors.settle(account.accountId);
  return answer;
}

const history = (token: string, after = 0) =>
  api.read<{ items: Message[]; cursor: number; readUpTo: string | null }>(token, `/v1/widget/messages?after=${after}`);

async function follow(token: string, lastId: string | null = null): Promise<EventClient<Message>> {
  const client = await openEvents<Message>(`${url}/v1/widget/events`, { authorization: `Bearer ${token}` }, lastId);
  open.push(client);
  await client.until((seen) => client.status !== 200 || seen.length > 0);
  return client;
}

const shown = (client: EventClient<Message>) =>
  client.seen.flatMap(({ event, data }) => (event === 'message' ? [data.content.text ?? ''] : []));

function signed(claims: object, by = secret): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', by).update(text).digest('base64url')}`;
}
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

test('a visitor writes, the bot answers, an agent takes over: both sides read the same', async () => {
  const account = await chat();
  const begun = await session(account);
  expect(begun).toMatchObject({
    status: 201,
    body: { cursor: 0, title: 'Ask us', appearance: { title: 'Ask us' }, visitorId: expect.any(String) as string },
  });
  const { token } = begun.body;
  const client = await follow(token);
  expect(await write(account, token, 'hello')).toMatchObject({ status: 200, body: { place: 1 } });
  await client.until(() => shown(client).length === 2);
  await write(account, token, 'human');
  const [conversation] = (await api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
  const id = required(conversation).id;
  const [agent = ''] = account.tokens;
  expect((await api.act(agent, id, 'join')).status).toBe(200);
  await api.act(agent, id, 'reply', { text: '<b>Good</b> morning' });
  await api.actors.settle(account.accountId);
  await client.until(() => shown(client).length === 5);
  expect(shown(client)).toEqual(['hello', 'echo: hello', 'human', 'notice: assigned', '<b>Good</b> morning']);
  expect(client.seen.at(-1)).toMatchObject({
    id: '5',
    event: 'message',
    data: { place: 5, author: { kind: 'agent', name: 'Agent 1' } },
  });
  const { items: messages, cursor } = await history(token);
  expect(messages.map(({ content }) => content.text)).toEqual(shown(client));
  expect(cursor).toBe(5);
  expect((await history(token, 3)).items).toHaveLength(2);
  expect(await history(token, 5)).toEqual({ items: [], cursor: 5, readUpTo: null });
  const { items } = await api.read<Page<Line>>(agent, `/v1/conversations/${id}/messages?show=messages`);
  expect(items.map(({ content }) => content?.text)).toEqual(shown(client));
});

describe('the stream', () => {
  test('begins with the first message, though there was no conversation when it was opened', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const [early, another] = [await follow(token), await follow(token)];
    await write(account, token, 'first');
    for (const client of [early, another]) {
      await client.until(() => shown(client).length === 2);
      expect(client.seen.slice(1).map(({ id }) => id)).toEqual(['1', '2']);
    }
  });

  test('resumes with no gap and no repeat, while both sides write', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const client = await follow(token);
    let writing = true;
    const done = (async () => {
      for (let no = 0; no < 12; no += 1) {
        await Promise.all(['a', 'b'].map((letter) => write(account, token, `${no}${letter}`)));
      }
    })().finally(() => (writing = false));
    let connections = 0;
    while (writing) {
      const before = client.seen.length;
      await Promise.race([done, client.until((seen) => seen.length > before)]);
      await client.resume();
      connections += 1;
    }
    await done;
    const whole = await history(token);
    await client.until(() => shown(client).length >= whole.items.length);
    expect(connections).toBeGreaterThan(3);
    const messages = client.seen.filter(({ event }) => event === 'message');
    expect(messages.map(({ id }) => Number(id))).toEqual(whole.items.map(({ place }) => place));
    expect(messages.map(({ data }) => data)).toEqual(whole.items);
    expect(whole.items.map(({ place }) => place)).toEqual(whole.items.map((_, index) => index + 1));
    expect(whole.items.filter(({ author }) => author.kind === 'customer')).toHaveLength(24);
  });

  test('is the visitor’s own, and nobody else’s', async () => {
    const account = await chat();
    const [mine, yours] = [await tokenOf(account), await tokenOf(account)];
    const client = await follow(yours);
    await write(account, mine, 'mine');
    await write(account, yours, 'yours');
    await client.until(() => shown(client).length === 2);
    expect(shown(client)).toEqual(['yours', 'echo: yours']);
    expect((await history(mine)).items.map(({ content }) => content.text)).toEqual(['mine', 'echo: mine']);
  });

  test('with a place that is none: a 400; without a token: a 401, as problems', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const get = (headers: Record<string, string>, bearer: string | null = token) =>
      api.call(bearer, 'GET', '/v1/widget/events', undefined, headers);
    expect(await get({ 'last-event-id': 'x' })).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect((await api.call(token, 'HEAD', '/v1/widget/events')).status).toBe(404);
    for (const bearer of [null, 'vt_unknown', `vt_${'x'.repeat(43)}`, account.key]) {
      expect(await get({}, bearer)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    }
  });
});

describe('a stream that has begun', () => {
  const ends: [string, (account: Account) => Promise<unknown>][] = [
    ['its channel is switched off', (of) => api.call(of.key, 'DELETE', `/v1/channels/${of.channelId}`)],
    [
      'the page’s origin is allowed no more',
      ({ key, channelId }) =>
        api.call(key, 'PATCH', `/v1/channels/${channelId}`, {
          settings: { allowedOrigins: ['https://other.example'] },
        }),
    ],
    ['its session is gone', (of) => api.rows(of.accountId, 'DELETE FROM visitor_sessions WHERE account_id = $1')],
    [
      'its session’s time is over',
      (of) => api.rows(of.accountId, 'UPDATE visitor_sessions SET expires_at = now() WHERE account_id = $1'),
    ],
  ];
  test.concurrent.each(ends)('ends when %s, be it ever so busy', async (_when, end) => {
    const account = await chat();
    const client = await openEvents(`${url}/v1/widget/events`, {
      authorization: `Bearer ${await tokenOf(account)}`,
      origin: 'https://shop.example',
    });
    await client.until((seen) => seen.length > 0);
    await end(account);
    let ended = false;
    void client.ended.then(() => (ended = true));
    await until(async () => {
      await api.rows(
        account.accountId,
        `SELECT pg_notify('baton_visitor', visitor_topic(channel_id, external_id)::text) FROM visitor_sessions
         WHERE account_id = $1`,
      );
      return ended;
    });
    expect(ended).toBe(true);
  });
});

describe('a message', () => {
  test('ten times under one id: one effect, the same answer', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const send = (text: string) => api.call(token, 'POST', '/v1/widget/messages', { clientMessageId: 'c1', text });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('once')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(required(answers[0]).status).toBe(200);
    await api.actors.settle(account.accountId);
    expect((await send('once')).text).toBe(required(answers[0]).text);
    expect((await history(token)).items.map(({ content }) => content.text)).toEqual(['once', 'echo: once']);
    // Another visitor's ids are their own.
    const other = await tokenOf(account);
    await write(account, other, 'as well', 'c1');
    expect((await history(other)).items).toHaveLength(2);
  });

  test('R24: other words under an id that is taken are 422, and are not stored', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await write(account, token, 'first', 'c1');
    const path = '/v1/widget/messages';
    for (const other of [{ text: 'second' }, { text: 'first', payload: 'p' }]) {
      const answer = await api.call(token, 'POST', path, { clientMessageId: 'c1', ...other });
      expect(answer).toMatchObject({ status: 422, body: { code: 'client-message-id-reused' } });
    }
    await api.actors.settle(account.accountId);
    expect((await history(token)).items.map(({ content }) => content.text)).toEqual(['first', 'echo: first']);
  });

  test('B-6: 20 at the same moment from a new visitor: one conversation, in one order for all', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await Promise.all(Array.from({ length: 20 }, (_, no) => write(account, token, `no ${no}`)));
    const { items } = await api.read<Page<{ id: string }>>(account.key, '/v1/conversations');
    expect(items).toHaveLength(1);
    const said = (await history(token)).items.filter(({ author }) => author.kind === 'customer');
    expect(new Set(said.map(({ content }) => content.text)).size).toBe(20);
    const path = `/v1/conversations/${required(items[0]).id}/messages?show=messages`;
    const transcript = (await api.read<Page<Line>>(account.key, path)).items;
    const read = transcript.filter(({ author }) => author.kind === 'customer').map(({ content }) => content?.text);
    expect(read).toHaveLength(20);
  });

  test('a pressed button says which; what is empty, too long or unknown is a 400', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const send = (body: object) => api.call(token, 'POST', '/v1/widget/messages', body);
    expect((await send({ clientMessageId: 'b1', text: 'Yes', payload: 'yes' })).status).toBe(200);
    expect((await history(token)).items[0]).toMatchObject({ content: { text: 'Yes', payload: 'yes' } });
    for (const body of [
      {},
      { clientMessageId: '', text: 'x' },
      { clientMessageId: 'x', text: ' ' },
      { clientMessageId: 'x', text: 'x'.repeat(10_001) },
      { clientMessageId: 'x', text: 'x', html: 'x' },
    ]) {
      expect(await send(body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    }
  });

  test('read and cancel', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await write(account, token, 'hello');
    await write(account, token, 'human');
    const [conversation] = (await api.read<Page<{ id: string; state: string }>>(account.key, '/v1/conversations'))
      .items;
    const { id } = required(conversation);
    const answer = await api.call(token, 'POST', '/v1/widget/read', { place: 2 });
    expect(answer).toMatchObject({ status: 204, text: '' });
    const lines = await api.read<Page<{ delivery: { status: string } | null }>>(
      account.key,
      `/v1/conversations/${id}/messages`,
    );
    expect(lines.items.flatMap(({ delivery }) => delivery?.status ?? [])[0]).toBe('read');
    expect((await api.call(token, 'POST', '/v1/widget/read', { place: 99 })).status).toBe(204);
    expect((await api.call(token, 'POST', '/v1/widget/cancel')).status).toBe(204);
    await api.actors.settle(account.accountId);
    const { body } = await api.call(account.key, 'GET', `/v1/conversations/${id}`);
    expect(body).toMatchObject({ state: 'bot', lastHandover: { because: 'customer-cancelled' } });
    // Before the first message there is nothing to read, and nobody to be told.
    const silent = await tokenOf(account);
    for (const [path, body_] of [
      ['read', { place: 1 }],
      ['cancel', {}],
      ['typing', { on: true }],
    ] as const) {
      expect((await api.call(silent, 'POST', `/v1/widget/${path}`, body_)).status).toBe(204);
    }
  });

  test('what the owner has read is told in the stream, once, and stands in the history', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await write(account, token, 'hello');
    await write(account, token, 'human');
    const [conversation] = (await api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
    const { id } = required(conversation);
    const [agent = '', other = ''] = account.tokens;
    await api.act(agent, id, 'join');
    const own = (await history(token)).items
      .filter(({ author }) => author.kind === 'customer')
      .map(({ id: one }) => one);
    expect((await history(token)).readUpTo).toBeNull();
    const stream = await follow(token);
    const read = (by: string, messageId: string) => api.call(by, 'POST', `/v1/conversations/${id}/read`, { messageId });
    expect(await read(other, required(own[1]))).toMatchObject({ status: 409, body: { code: 'not-the-owner' } });
    expect(await read(agent, uuid())).toMatchObject({ status: 404, body: { code: 'not-found' } });
    // Again, and of an earlier one: nothing new. Of the notice after it, the visitor's own before that.
    for (const messageId of [own[1], own[1], own[0], (await history(token)).items.at(-1)?.id]) {
      expect((await read(agent, required(messageId))).status).toBe(204);
    }
    await write(account, token, 'thanks');
    await stream.until(() => shown(stream).at(-1) === 'thanks');
    const receipts = stream.seen.filter(({ event }) => event === 'receipt');
    expect(receipts).toMatchObject([{ data: { messageId: own[1], status: 'read' } }]);
    expect((await history(token)).readUpTo).toBe(own[1]);
  });

  test('the stream says while a person is awaited, also where nothing is said with it', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const stream = await follow(token);
    const states = () => stream.seen.flatMap(({ event, data }) => (event === 'state' ? [data] : []));
    await write(account, token, 'hello');
    await write(account, token, 'human');
    await stream.until(() => states().length === 1);
    const [conversation] = (await api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
    await api.act(required(account.tokens[0]), required(conversation).id, 'join');
    await stream.until(() => states().length === 2);
    expect(states()).toEqual([{ waiting: true }, { waiting: false }]);
  });

  test('typing is told to the other side, to whoever looks now', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await write(account, token, 'human');
    const [conversation] = (await api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
    const { id } = required(conversation);
    const [agent = '', other = ''] = account.tokens;
    await api.act(agent, id, 'join');
    const feed = await openEvents<{ conversationId: string }>(`${url}/v1/feed`, { authorization: `Bearer ${agent}` });
    open.push(feed);
    const stream = await follow(token);
    await feed.until((seen) => seen.length > 0);
    expect((await api.call(token, 'POST', '/v1/widget/typing', { on: true })).status).toBe(204);
    await feed.until((seen) => seen.some(({ event }) => event === 'typing'));
    expect(feed.seen.find(({ event }) => event === 'typing')).toMatchObject({
      id: null,
      data: { conversationId: id, from: 'visitor', on: true },
    });
    const path = `/v1/conversations/${id}/typing`;
    expect(await api.call(other, 'POST', path, { on: true })).toMatchObject({
      status: 409,
      body: { code: 'not-the-owner' },
    });
    expect((await api.call(agent, 'POST', path)).status).toBe(204);
    await stream.until((seen) =>
      seen.some(({ event, data }) => event === 'typing' && (data as { on?: boolean }).on === true),
    );
  });
});

describe('a session', () => {
  test('is for pages that the channel allows, and for no others', async () => {
    const account = await chat();
    const from = (origin: string) => session(account, {}, { origin });
    expect((await from('https://shop.example')).status).toBe(201);
    expect((await from('http://baton.test')).status).toBe(201);
    expect(await from('https://evil.example')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    const token = await tokenOf(account);
    const read = (origin: string) => api.call(token, 'GET', '/v1/widget/messages', undefined, { origin });
    expect((await read('https://shop.example')).status).toBe(200);
    expect((await read('https://evil.example')).status).toBe(403);
  });

  test('of another account, of no web chat or of one that is off is a 404', async () => {
    const [account, other] = [await chat(), await chat()];
    const http = await api.ready();
    for (const where of [{ channelId: other.channelId }, { accountId: uuid() }, { channelId: uuid() }]) {
      expect((await session({ ...account, ...where })).status).toBe(404);
    }
    expect((await session(http)).status).toBe(404);
    const token = await tokenOf(account);
    await api.rows(account.accountId, 'UPDATE channels SET disabled_at = now() WHERE account_id = $1');
    expect((await session(account)).status).toBe(404);
    expect((await api.call(token, 'GET', '/v1/widget/messages')).status).toBe(404);
  });

  test('is known by the hash of its token only, and ends', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const rows = await api.rows<Record<string, unknown>>(
      account.accountId,
      'SELECT * FROM visitor_sessions WHERE account_id = $1',
    );
    expect(JSON.stringify(rows)).not.toContain(token.slice(3));
    await api.rows(account.accountId, 'UPDATE visitor_sessions SET expires_at = now() WHERE account_id = $1');
    expect((await api.call(token, 'GET', '/v1/widget/messages')).status).toBe(401);
    // What was told of its visitor goes with the next session that begins.
    await tokenOf(account);
    const left = await api.rows(account.accountId, 'SELECT 1 FROM visitor_sessions WHERE account_id = $1');
    expect(left).toHaveLength(1);
  });

  test('S4-3: what a page says of its visitor stands with the contact once they write', async () => {
    const account = await chat();
    const visitor = {
      name: 'Grace',
      email: 'grace@shop.example',
      phone: '+31612345678',
      pageUrl: 'https://shop.example/nl/returns',
    };
    const token = await tokenOf(account, { visitor });
    await write(account, token, 'hello');
    const [conversation] = (await api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
    const { body } = await api.call(account.key, 'GET', `/v1/conversations/${required(conversation).id}`);
    expect(body).toMatchObject({
      contact: {
        name: 'Grace',
        emails: ['grace@shop.example'],
        phones: ['+31612345678'],
        attributes: { pageUrl: visitor.pageUrl },
      },
    });
  });

  test('signed by the site: the same visitor on every device; forged, expired or missing: 403', async () => {
    const account = await chat({ identityRequired: true });
    await api.rows(account.accountId, 'UPDATE channels SET secrets = $2 WHERE account_id = $1', [
      JSON.stringify([secret]),
    ]);
    const jwt = signed({ sub: 'customer-7', exp: inAnHour(), name: 'Ann', email: 'ann@shop.example' });
    const phone = await session(account, { visitor: jwt });
    expect(phone).toMatchObject({ status: 201, body: { visitorId: 'customer-7' } });
    await write(account, phone.body.token, 'from the phone');
    const laptop = await session(account, { visitor: { jwt, name: 'Somebody else' } });
    expect(laptop).toMatchObject({ status: 201, body: { visitorId: 'customer-7', cursor: 2 } });
    expect((await history(laptop.body.token)).items.map(({ content }) => content.text)).toContain('from the phone');
    const [contact] = (await api.read<Page<{ name: string }>>(account.key, '/v1/contacts')).items;
    expect(contact).toMatchObject({ name: 'Ann' });
    const exp = inAnHour();
    for (const visitor of [
      undefined,
      { name: 'Ann' },
      'no.jwt.atall',
      signed({ sub: 'customer-7', exp }, 'another secret'),
      signed({ sub: 'customer-7', exp: exp - 7_200 }),
      signed({ sub: 'customer-7', exp: exp + 7_200 }),
      signed({ sub: 'customer-7' }),
      signed({ exp }),
      `${jwt.split('.').slice(0, 2).join('.')}.`,
    ]) {
      expect(await session(account, visitor === undefined ? {} : { visitor })).toMatchObject({ status: 403 });
    }
  });

  test('is limited per session, and new ones per address', async () => {
    const limited = await createConversationApi({ config: { ratePerAddress: 300 } });
    try {
      const { accountId, channelId } = await limited.ready({ channelType: 'webchat' });
      const begin = () => limited.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId });
      const begun = [];
      for (let no = 0; no < 7; no += 1) begun.push(await begin());
      expect(begun.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 201, 429]);
      expect(begun.at(-1)).toMatchObject({ body: { code: 'rate-limited' }, headers: { 'retry-after': '60' } });

      const [busy = '', calm = ''] = begun.map(({ body }) => body.token);
      const read = (token: string) => limited.call(token, 'GET', '/v1/widget/messages');
      const statuses: number[] = [];
      for (let round = 0; round < 25; round += 1) {
        const answers = await Promise.all(Array.from({ length: 10 }, () => read(busy)));
        statuses.push(...answers.map(({ status }) => status));
      }
      expect(statuses.slice(0, 230).every((status) => status === 200)).toBe(true);
      expect(statuses.at(-1)).toBe(429);
      expect((await read(calm)).status).toBe(200);
    } finally {
      await limited.close();
    }
  });
});

test('the script is sent in less than 5 KB, to whom takes it zipped, and is the same to whom does not', async () => {
  const sent = await api.app.inject({ url: '/widget.js', headers: { 'accept-encoding': 'gzip, deflate, br' } });
  expect(sent.headers).toMatchObject({
    'content-encoding': 'gzip',
    vary: expect.stringMatching(/accept-encoding/i) as string,
  });
  expect(sent.rawPayload.length).toBeLessThan(5 * 1024);
  const plain = await api.app.inject({ url: '/widget.js' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(gunzipSync(sent.rawPayload)).toEqual(plain.rawPayload);
});

test('the script and its demo page are served, with a policy that lets nothing else in', async () => {
  for (const [path, type] of [
    ['/widget.js', 'text/javascript'],
    ['/demo', 'text/html'],
    ['/demo.js', 'text/javascript'],
  ] as const) {
    const answer = await api.call(null, 'GET', path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(answer.text.length).toBeGreaterThan(100);
  }
});

test('the process drains: streams end, and nobody is kept from coming back', async () => {
  const draining = await createConversationApi();
  const account = await draining.ready({ channelType: 'webchat' });
  const { accountId, channelId } = account;
  const { token } = (await draining.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId })).body;
  const address = await draining.app.listen({ port: 0 });
  const clients = await Promise.all([
    openEvents(`${address}/v1/widget/events`, { authorization: `Bearer ${token}` }),
    openEvents(`${address}/v1/feed`, { authorization: `Bearer ${account.key}` }),
  ]);
  for (const client of clients) await client.until((seen) => seen.length > 0);
  await draining.close();
  await expect(Promise.all(clients.map((client) => client.ended))).resolves.toHaveLength(2);
});
