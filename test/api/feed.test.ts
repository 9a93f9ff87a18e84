/** B-9: the feed has no gap and no repeat, whoever commits when. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { inAccount, type Transaction } from '../../store/connection.ts';
import { insertComment } from '../../store/comments.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import { type Account, type ConversationApi, createConversationApi } from './conversation-api.ts';
import { closeDocumented, type EventClient, openEvents } from './event-source.ts';

interface Item {
  conversationId: string;
  type?: string;
  no?: number;
  text?: string;
  status?: string;
  from?: string;
  on?: boolean;
  message?: { author: { kind: string }; content: { text: string } } | null;
}

let api: ConversationApi;
let url: string;
const open: EventClient[] = [];

beforeAll(async () => {
  api = await createConversationApi();
  url = await api.app.listen({ port: 0 });
});
afterEach(() => closeDocumented(open));
afterAll(() => api.close());

async function follow(token: string, lastId: string | null = null): Promise<EventClient<Item>> {
  const client = await openEvents<Item>(`${url}/v1/feed`, { authorization: `Bearer ${token}` }, lastId);
  open.push(client);
  await client.until((seen) => client.status !== 200 || seen.length > 0);
  return client;
}

const texts = (client: EventClient<Item>): string[] =>
  client.seen.flatMap(({ event, data }) => (event === 'comment' && data.text !== undefined ? [data.text] : []));
const types = (client: EventClient<Item>): string[] =>
  client.seen.flatMap(({ event, data }) => (event === 'event' && data.type !== undefined ? [data.type] : []));

const comment = (tx: Transaction, account: Account, conversationId: string, text: string) =>
  insertComment(
    tx,
    { accountId: account.accountId, conversationId },
    { id: uuid(), agentId: null, visibility: 'agents', text, createdAt: new Date() },
  );

const say = (account: Account, conversationId: string, text: string) =>
  inAccount(api.pool, account.accountId, (tx) => comment(tx, account, conversationId, text));

/** A transaction that stays open until it is told to commit. */
async function slowly(account: Account, work: (tx: Transaction) => Promise<void>): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: api.database.apiUrl });
  await client.connect();
  await client.query('BEGIN');
  await client.query("SELECT set_config('baton.account', $1, true)", [account.accountId]);
  await work(client);
  return async () => {
    await client.query('COMMIT');
    await client.end();
  };
}

test('tells what happens, with the words, and what becomes of what was sent', async () => {
  const account = await api.ready();
  const [token = ''] = account.tokens;
  const client = await follow(token);
  expect(client.status).toBe(200);
  expect(client.headers.get('content-type')).toBe('text/event-stream');
  expect(client.seen).toMatchObject([{ event: 'ready', id: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string }]);

  const id = await api.held(account);
  await api.act(token, id, 'reply', { text: 'Good morning' });
  await api.act(token, id, 'comment', { text: 'nice one' });
  await api.actors.settle(account.accountId);
  await client.until(() => texts(client).includes('nice one') && client.seen.some(({ event }) => event === 'receipt'));
  expect(types(client)).toEqual(
    expect.arrayContaining(['CustomerMessageAccepted', 'ConversationQueued', 'ConversationAssigned', 'MessageQueued']),
  );
  const said = client.seen.filter(({ data }) => data.message?.content.text === 'Good morning');
  expect(said).toMatchObject([
    { event: 'event', data: { conversationId: id, message: { author: { kind: 'agent' } } } },
  ]);
  // Domain events of a conversation come in their order.
  const places = client.seen.flatMap(({ data }) => (data.no === undefined ? [] : [data.no]));
  expect(places).toEqual(places.map((_, index) => index + 1));
});

describe('a late commit', () => {
  test('is not missed: what was committed before it waits for it', async () => {
    const account = await api.ready();
    const id = await api.queued(account);
    const client = await follow(account.key);
    const commit = await slowly(account, (tx) => comment(tx, account, id, 'early, and late'));
    await say(account, id, 'committed first');
    const other = await follow(account.key);
    await commit();
    for (const one of [client, other]) {
      await one.until(() => texts(one).length === 2);
      expect(texts(one)).toEqual(['early, and late', 'committed first']);
    }
    const again = await follow(account.key, required(client.seen[0]).id);
    await again.until(() => texts(again).length === 2);
    expect(texts(again)).toEqual(texts(client));
  });

  test('of a transaction that has nothing for the feed holds nothing back for longer than it runs', async () => {
    const account = await api.ready();
    const id = await api.queued(account);
    const client = await follow(account.key);
    const commit = await slowly(account, async (tx) => void (await tx.query('SELECT pg_current_xact_id()')));
    await say(account, id, 'held back');
    expect(texts(client)).toEqual([]);
    await commit();
    await client.until(() => texts(client).length === 1);
  });
});

test('resumes with no gap and no repeat while many write, some of them late', async () => {
  const account = await api.ready();
  const id = await api.queued(account);
  const client = await follow(account.key);
  const begin = required(client.seen[0]).id;
  const written: string[] = [];
  const write = async (writer: number): Promise<void> => {
    for (let no = 0; no < 9; no += 1) {
      const text = `${writer}:${no}`;
      if (no % 3 === 0) {
        const commit = await slowly(account, (tx) => comment(tx, account, id, text));
        // Committed before what began before it: enough of it to be on its way to a client by then.
        for (const behind of ['a', 'b', 'c', 'd'].map((letter) => `${text}${letter}`)) {
          await say(account, id, behind);
          written.push(behind);
        }
        await commit();
      } else await say(account, id, text);
      written.push(text);
    }
  };
  let writing = true;
  const writers = Promise.all(Array.from({ length: 6 }, (_, writer) => write(writer))).then(() => (writing = false));
  let connections = 0;
  while (writing) {
    const before = client.seen.length;
    await Promise.race([writers, client.until((seen) => seen.length > before)]);
    await client.resume();
    connections += 1;
  }
  await writers;
  await client.until(() => texts(client).length >= written.length);
  expect(texts(client).toSorted()).toEqual(written.toSorted());
  expect(connections).toBeGreaterThan(3);
  // One who reads it all at once gets the same in the same order.
  const later = await follow(account.key, begin);
  await later.until(() => texts(later).length >= written.length);
  expect(texts(later)).toEqual(texts(client));
});

test('a follower who is behind more than fits is given all of it', async () => {
  const account = await api.ready();
  const id = await api.queued(account);
  const client = await follow(account.key);
  await inAccount(api.pool, account.accountId, async (tx) => {
    await tx.query(
      `INSERT INTO comments (account_id, id, conversation_id, visibility, text, created_at)
       SELECT $1, gen_random_uuid(), $2, 'agents', 'no ' || i, now() FROM generate_series(1, 2500) AS i`,
      [account.accountId, id],
    );
    await tx.query(`SELECT pg_notify('baton_feed', $1)`, [account.accountId]);
  });
  const late = await follow(account.key, required(client.seen[0]).id);
  for (const one of [client, late]) {
    await one.until(() => texts(one).length === 2_500);
    expect(texts(one)).toEqual(Array.from({ length: 2_500 }, (_, index) => `no ${index + 1}`));
  }
});

describe('cursors', () => {
  test('of another life of the database: reload', async () => {
    const account = await api.ready();
    const id = await api.queued(account);
    for (const foreign of ['9.1.1', '1.99999999999999.1']) {
      const client = await follow(account.key, foreign);
      expect(client.seen).toMatchObject([{ event: 'reload', id: expect.stringMatching(/^1\.\d+\.0$/) as string }]);
      await say(account, id, foreign);
      await client.until(() => texts(client).includes(foreign));
    }
  });

  test.each([
    ['into another cluster', 'another:00000001'],
    ['to a point in time', "split_part(system_id, ':', 1) || ':00000009'"],
  ])('restored %s, the feed begins a new generation, and the API says what is to be done', async (_where, life) => {
    const account = await api.ready();
    const { lastId } = await follow(account.key);
    const admin = new pg.Client({ connectionString: api.database.adminUrl });
    await admin.connect();
    try {
      const before = life.includes('(') ? life : `'${life}'`;
      await admin.query(`UPDATE feed_generation SET system_id = ${before}`);
      const client = await follow(account.key, lastId);
      expect(client.seen).toMatchObject([{ event: 'reload', id: expect.stringMatching(/^2\./) as string }]);
      const ready = await api.call(null, 'GET', '/readyz');
      expect(ready).toMatchObject({ status: 200, body: { degraded: { restored: 'say `baton restored`' } } });
    } finally {
      await admin.query('UPDATE feed_generation SET generation = 1');
      await admin.end();
    }
  });

  test('that are none are a 400, as a problem', async () => {
    const { key } = await api.ready();
    for (const cursor of ['x', '1.2', '1.2.3.4', '-1.2.3', `1.${'9'.repeat(40)}.1`]) {
      const answer = await api.call(key, 'GET', `/v1/feed?after=${cursor}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
      expect(answer.body.issues).toMatchObject([{ path: ['query', 'after'] }]);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    const byHeader = await api.call(key, 'GET', '/v1/feed?after=x', undefined, { 'last-event-id': 'y' });
    expect(byHeader).toMatchObject({ status: 400, body: { issues: [{ path: ['headers', 'last-event-id'] }] } });
  });

  test('can stand in the address, and a header wins', async () => {
    const account = await api.ready();
    const id = await api.queued(account);
    const { lastId } = await follow(account.key);
    await say(account, id, 'between');
    const address = `${url}/v1/feed?after=${lastId}`;
    const client = await openEvents<Item>(address, { authorization: `Bearer ${account.key}` });
    open.push(client);
    await client.until(() => texts(client).includes('between'));
    const header = await openEvents<Item>(address, { authorization: `Bearer ${account.key}` }, client.lastId);
    open.push(header);
    await say(account, id, 'after');
    await header.until(() => texts(header).length > 0);
    expect(texts(header)).toEqual(['after']);
  });
});

describe('who sees what', () => {
  test('B-14: nothing of another account', async () => {
    const [one, other] = [await api.ready(), await api.ready()];
    const client = await follow(one.key);
    await say(other, await api.queued(other), 'theirs');
    const own = await api.queued(one);
    await say(one, own, 'ours');
    await client.until(() => texts(client).includes('ours'));
    expect(texts(client)).toEqual(['ours']);
    expect(new Set(client.seen.flatMap(({ data }) => data.conversationId ?? []))).toEqual(new Set([own]));
  });

  test('S4-2: an agent gets their groups’ chats, and hears of one that goes elsewhere only that it has gone', async () => {
    const account = await api.ready();
    const { key } = account;
    const [token = ''] = account.tokens;
    const group = (await api.call(key, 'POST', '/v1/groups', { name: 'Others' })).body.id;
    const id = await api.held(account);
    await api.actors.settle(account.accountId);
    const client = await follow(token);
    expect((await api.act(token, id, 'forward', { groupId: group })).status).toBe(200);
    await say(account, id, 'not for you');
    const own = await api.queued(account);
    await say(account, own, 'for you');
    await client.until(() => texts(client).includes('for you'));
    const elsewhere = client.seen.filter(({ data }) => data.conversationId === id);
    expect(new Set(elsewhere.map(({ event }) => event))).toEqual(new Set(['hidden']));
    expect(elsewhere.every(({ data }) => Object.keys(data).length === 1)).toBe(true);
    expect(texts(client)).toEqual(['for you']);
  });

  test('S1-4: a personal comment goes to its author alone', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const [first = '', second = ''] = account.tokens;
    const [author, colleague, backend] = [await follow(first), await follow(second), await follow(account.key)];
    await api.act(first, id, 'comment', { text: 'mine', visibility: 'personal' });
    await api.act(first, id, 'comment', { text: 'ours' });
    for (const client of [author, colleague, backend]) await client.until(() => texts(client).includes('ours'));
    expect(texts(author)).toEqual(['mine', 'ours']);
    expect(texts(colleague)).toEqual(['ours']);
    expect(texts(backend)).toEqual(['ours']);
  });

  test('nobody without the scope, and nobody unknown', async () => {
    const { accountId } = await api.ready();
    const key = await api.keyFor(accountId, ['tags:read']);
    expect(await api.call(key, 'GET', '/v1/feed')).toMatchObject({ status: 403, body: { code: 'missing-scope' } });
    expect(await api.call(null, 'GET', '/v1/feed')).toMatchObject({ status: 401 });
  });
});

test('ends for whoever is signed out meanwhile', async () => {
  const account = await api.ready();
  const [token = ''] = account.tokens;
  const client = await follow(token);
  expect((await api.call(account.key, 'DELETE', `/v1/agents/${account.agentIds[0]}/tokens`)).status).toBe(204);
  await client.ended;
  await expect(client.resume()).resolves.toBeUndefined();
  expect(client.status).toBe(401);
});

test('one listening connection serves all who follow', async () => {
  const account = await api.ready();
  const clients = await Promise.all(Array.from({ length: 12 }, () => follow(account.key)));
  const id = await api.queued(account);
  await say(account, id, 'for all');
  for (const client of clients) await client.until(() => texts(client).includes('for all'));
  const admin = new pg.Client({ connectionString: api.database.adminUrl });
  await admin.connect();
  const listeners = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
  try {
    const { rows } = await admin.query<{ pid: number }>(listeners);
    expect(rows).toHaveLength(1);
    // It is lost, and taken anew; nothing is missed meanwhile.
    await admin.query('SELECT pg_terminate_backend($1)', [required(rows[0]).pid]);
    await say(account, id, 'meanwhile');
    for (const client of clients) await client.until(() => texts(client).includes('meanwhile'));
    await until(async () => (await admin.query(listeners)).rowCount === 1);
  } finally {
    await admin.end();
  }
});
