/** B-13, R30: what the API tells of an erasure, and what it still lets anybody do with what was theirs. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { inAccount } from '../../store/connection.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import { type Account, type ConversationApi, createConversationApi, type Line, type Page } from './conversation-api.ts';
import { closeDocumented, type EventClient, openEvents } from './event-source.ts';

let api: ConversationApi;
let url: string;
const open: EventClient[] = [];
beforeAll(async () => {
  api = await createConversationApi();
  url = await api.app.listen({ port: 0 });
});
afterEach(() => closeDocumented(open));
afterAll(() => api.close());

async function follow(token: string, lastId: string | null = null): Promise<EventClient<Record<string, unknown>>> {
  const authorization = `Bearer ${token}`;
  const client = await openEvents<Record<string, unknown>>(`${url}/v1/feed`, { authorization }, lastId);
  open.push(client);
  await client.until((seen) => seen.length > 0);
  return client;
}

const erased = (client: EventClient<Record<string, unknown>>) => client.seen.filter(({ event }) => event === 'erased');

async function contactOf({ accountId }: Account, conversationId: string): Promise<string> {
  const text = 'SELECT contact_id AS id FROM conversations WHERE account_id = $1 AND id = $2';
  const [row] = await api.rows<{ id: string }>(accountId, text, [conversationId]);
  return required(row).id;
}

/** Resolved, unless it is to be left with the bot. */
async function chat(account: Account, phase: 'bot' | 'resolved', thread: string = uuid()): Promise<string> {
  if (phase === 'bot') return (await api.write(account, thread, 'hello')).conversationId;
  const id = await api.held(account, thread);
  expect(await api.act(required(account.tokens[0]), id, 'resolve')).toMatchObject({ status: 200 });
  await api.actors.settle(account.accountId);
  return id;
}

/** Whole: transactions of other tests on the server, which may be older, have ended by then. */
async function erase(account: Account, contactId: string): Promise<void> {
  await until(async () => {
    const { status, text } = await api.call(account.key, 'POST', `/v1/contacts/${contactId}/erase`);
    expect(status).toBe(200);
    return (JSON.parse(text) as { finished: boolean }).finished;
  });
}

describe('the feed tells of an erasure', () => {
  test('R30: by ids alone, once, to everybody who follows, also to who sees the chat no longer', async () => {
    const account = await api.ready();
    const [token = ''] = account.tokens;
    const id = await chat(account, 'resolved');
    const contactId = await contactOf(account, id);
    const elsewhere = await api.tokenFor(
      account,
      (await api.call(account.key, 'POST', '/v1/agents', { name: 'Elsewhere' })).body.id,
    );
    const clients = [await follow(token), await follow(account.key), await follow(elsewhere)];
    await erase(account, contactId);
    await erase(account, contactId);
    const other = await chat(account, 'bot');
    await erase(account, await contactOf(account, other));
    for (const client of clients) {
      await client.until(() => erased(client).length === 2);
      expect(erased(client).map(({ data }) => data)).toEqual([
        { contactId, conversationIds: [id], at: expect.any(String) as string },
        { contactId: expect.any(String) as string, conversationIds: [other], at: expect.any(String) as string },
      ]);
    }
    const again = await follow(elsewhere, required(clients[2]?.seen[0]).id);
    await again.until(() => erased(again).length === 2);
  });

  test('R30: and not before nothing of theirs can be read any more', async () => {
    const account = await api.ready();
    const id = await chat(account, 'resolved');
    const client = await follow(account.key);
    const contactId = await contactOf(account, id);
    await inAccount(api.pool, account.accountId, async (tx) => {
      // Somebody is writing at that moment.
      await tx.query('SELECT pg_current_xact_id()');
      const answer = await api.call(account.key, 'POST', `/v1/contacts/${contactId}/erase`);
      expect(answer).toMatchObject({ status: 200, body: { finished: false } });
    });
    expect(erased(client)).toEqual([]);
    await erase(account, contactId);
    await client.until(() => erased(client).length === 1);
    const { items } = await api.read<Page<Line>>(account.key, `/v1/conversations/${id}/messages`);
    expect(items.map(({ content }) => content)).toEqual(items.map(() => null));
  });

  test('what they wrote in the chat of another is told with that chat', async () => {
    const account = await api.ready();
    const id = await chat(account, 'bot', 'shared');
    const guest = uuid();
    await inAccount(api.pool, account.accountId, async (tx) => {
      await tx.query('INSERT INTO contacts (account_id, id, created_at) VALUES ($1, $2, now())', [
        account.accountId,
        guest,
      ]);
      await tx.query(
        `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, author_id, status, content, created_at)
         VALUES ($1, $2, $3, 'in', 'customer', $4, 'received', '{"text": "me too"}', now())`,
        [account.accountId, uuid(), id, guest],
      );
    });
    const client = await follow(account.key);
    await erase(account, guest);
    await client.until(() => erased(client).length === 1);
    expect(erased(client)[0]?.data).toMatchObject({ contactId: guest, conversationIds: [id] });
  });
});

const refused: [action: string, body: (account: Account) => object | Promise<object>][] = [
  ['request-handover', () => ({ reason: 'a wish' })],
  ['join', () => ({})],
  ['assign', () => ({})],
  ['forward', ({ groupId }) => ({ groupId })],
  ['hand-back', () => ({})],
  ['reply', () => ({ text: 'still there?' })],
  ['reopen', () => ({})],
  ['block', () => ({ reason: 'a reason', message: 'no more' })],
  ['tag', async ({ key }) => ({ add: [(await api.call(key, 'POST', '/v1/tags', { name: uuid() })).body.id] })],
  ['comment', () => ({ text: 'who was it?' })],
];

/** How many rows there are of each kind of words. */
async function wordsStored({ accountId }: Account): Promise<unknown> {
  const kinds = ['messages', 'comments', 'handover_requests', 'contact_blocks'];
  const counts = kinds.map((kind) => `(SELECT count(*) FROM ${kind} WHERE account_id = $1) AS ${kind}`);
  return api.rows(accountId, `SELECT ${counts.join()}`);
}

describe('of a contact who was erased a conversation can only be brought to its end', () => {
  test.each([
    ['bot', []],
    ['resolved', ['Resolve']],
  ] as const)('%s: every other action is a 409, and stores nothing', async (phase, allowed) => {
    const account = await api.ready();
    const id = await chat(account, phase);
    await erase(account, await contactOf(account, id));
    const sue = await api.call(account.key, 'POST', '/v1/agents', { name: 'Sue', role: 'supervisor' });
    const token = await api.tokenFor(account, sue.body.id);
    const [before, asked] = [await wordsStored(account), api.actors.asked.length];
    for (const [action, body] of refused) {
      const answer = await api.act(token, id, action, await body(account));
      // No actor hears of a comment, and so none says what is possible instead.
      const problem = { code: 'contact-erased', ...(action === 'comment' ? {} : { allowed }) };
      expect([action, answer]).toMatchObject([action, { status: 409, body: problem }]);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    expect(await wordsStored(account)).toEqual(before);
    expect(api.actors.asked).toHaveLength(asked);
    expect(await api.read(token, `/v1/conversations/${id}`)).toMatchObject({ allowed });
  });

  test('also where they are erased while the command is on its way: the record refuses it', async () => {
    const account = await api.ready();
    const id = await chat(account, 'resolved');
    const contactId = await contactOf(account, id);
    api.actors.before = async (_actor, name) => {
      if (name === 'Reopen') await erase(account, contactId);
    };
    const answer = await api.act(required(account.tokens[0]), id, 'reopen');
    expect(answer).toMatchObject({ status: 409, body: { code: 'contact-erased', allowed: ['Resolve'] } });
    expect(await api.read(account.key, `/v1/conversations/${id}`)).toMatchObject({ state: 'resolved' });
  });

  test('so nothing else is named as possible where an end is refused, too', async () => {
    const account = await api.ready();
    const id = await chat(account, 'bot');
    await erase(account, await contactOf(account, id));
    const answer = await api.act(required(account.tokens[0]), id, 'unassign');
    expect(answer).toMatchObject({ status: 409, body: { code: 'wrong-state', allowed: [] } });
  });

  test('what the bot hands over in the same moment comes to nobody: the hand-over fails, and it stays with the bot', async () => {
    const account = await api.ready();
    const { conversationId: id } = await api.put(account, uuid(), 'hello');
    api.actors.bot = () => ({ messages: [], handover: { reason: 'asked for a person', skill: 'sales' }, intake: null });
    await erase(account, await contactOf(account, id));
    await api.actors.settle(account.accountId);
    const token = required(account.tokens[0]);
    expect(await api.read(token, `/v1/conversations/${id}`)).toMatchObject({ state: 'bot', allowed: [] });
    const { items } = await api.read<Page<{ id: string }>>(token, '/v1/conversations?state=queued');
    expect(items).toEqual([]);
    const failed = await api.rows<{ data: { event: object } }>(
      account.accountId,
      `SELECT data::jsonb AS data FROM domain_events
       WHERE account_id = $1 AND conversation_id = $2 AND type = 'HandoverFailed' ORDER BY no`,
      [id],
    );
    expect(failed[0]?.data.event).toMatchObject({ step: 'routing', class: 'permanent' });
  });

  test('what the customer wrote just before brings nobody back to them', async () => {
    const account = await api.ready();
    const thread = uuid();
    const id = await chat(account, 'resolved', thread);
    await api.put(account, thread, 'one more thing');
    await erase(account, await contactOf(account, id));
    await api.actors.settle(account.accountId);
    expect(await api.read(account.key, `/v1/conversations/${id}`)).toMatchObject({ state: 'bot', allowed: [] });
  });

  test('whoever writes again is somebody new, with whom everything can be done', async () => {
    const account = await api.ready();
    const thread = uuid();
    const id = await chat(account, 'resolved', thread);
    await erase(account, await contactOf(account, id));
    const next = await api.held(account, thread);
    expect(next).not.toBe(id);
    const said = await api.act(required(account.tokens[0]), next, 'reply', { text: 'Good morning' });
    expect(said).toMatchObject({ status: 200 });
  });
});
