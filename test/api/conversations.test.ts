import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { required } from '../support/required.ts';
import { type Account, type ConversationApi, createConversationApi, type Line, type Page } from './conversation-api.ts';

let api: ConversationApi;
beforeAll(async () => (api = await createConversationApi()));
afterAll(() => api.close());

/** Ids of the list, page by page. */
async function list(token: string, query: string, limit = 100): Promise<string[]> {
  const ids: string[] = [];
  let cursor = '';
  do {
    const path = `/v1/conversations?limit=${limit}&${query}${cursor}`;
    const { items, next } = await api.read<Page<{ id: string }>>(token, path);
    ids.push(...items.map(({ id }) => id));
    cursor = next === null ? '' : `&cursor=${next}`;
  } while (cursor !== '');
  return ids;
}

describe('the list', () => {
  test('S0-7, S4-3: all channels in one, by every filter', async () => {
    const account = await api.ready({ agents: 1 });
    const { key, accountId, channelId, groupId, botId } = account;
    const [agentId = ''] = account.agentIds;
    const talking = (await api.write(account, 'talking', 'the parcel is lost')).conversationId;
    const waiting = await api.queued(account, 'waiting');
    const held = await api.held(account, 'held');
    const solved = await api.held(account, 'solved');
    await api.act(required(account.tokens[0]), solved, 'resolve');
    await api.rows(accountId, `UPDATE conversations SET end_channel = 'telegram' WHERE account_id = $1 AND id = $2`, [
      waiting,
    ]);
    const all = [solved, held, waiting, talking];
    const [{ contact_id: contactId } = { contact_id: '' }] = await api.rows<{ contact_id: string }>(
      accountId,
      'SELECT contact_id FROM conversations WHERE account_id = $1 AND id = $2',
      [held],
    );

    const filters: Record<string, string[]> = {
      '': all,
      [`channelId=${channelId}`]: all,
      [`channelId=${uuid()}`]: [],
      'endChannel=telegram': [waiting],
      'state=queued': [waiting],
      'state=queued,assigned': [held, waiting],
      'open=true': [held, waiting],
      'open=false': [solved, talking],
      'state=bot&open=true': [],
      [`groupId=${groupId}`]: [solved, held, waiting],
      [`assignee=${agentId}`]: [held],
      'assignee=none': [solved, waiting, talking],
      [`botId=${botId}`]: all,
      [`contactId=${contactId}`]: [held],
      'q=PARCEL%20lo': [talking],
      'q=customer%20held': [held],
      'q=%F0%9F%98%80': [],
      'flagged=true': [],
      'archived=true': [],
      'order=oldest': [waiting],
    };
    for (const [query, ids] of Object.entries(filters))
      expect({ query, ids: await list(key, query) }).toEqual({ query, ids });
    expect(await list(required(account.tokens[0]), 'assignee=me')).toEqual([held]);
    expect((await api.call(key, 'GET', '/v1/conversations?assignee=me')).status).toBe(400);

    const one = (await api.call(key, 'GET', '/v1/conversations?state=queued')).body.items[0];
    expect(one).toMatchObject({
      id: waiting,
      state: 'queued',
      holder: { kind: 'engine', id: null },
      channel: { id: channelId, name: 'Channel', type: 'http' },
      endChannel: 'telegram',
      contact: { name: 'Customer waiting' },
      handover: { reason: 'asked for a person', skill: 'sales' },
      group: { id: groupId, name: 'Support' },
      agent: null,
      waitingSince: expect.any(String) as string,
      lastMessage: { author: 'customer', text: 'human' },
    });
  });

  test('what is wrong with a query is a 400', async () => {
    const { key } = await api.ready();
    for (const query of [
      'state=gone',
      'order=oldest&state=assigned',
      'limit=0',
      'limit=101',
      'channelId=x',
      'colour=red',
      'cursor=e30',
      'archived=yes',
    ]) {
      expect(await api.call(key, 'GET', `/v1/conversations?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      });
    }
  });

  test('S1-12: orders of the queue, and pages that neither repeat nor hide', async () => {
    const account = await api.ready({ agents: 1 });
    const { key, accountId } = account;
    const ids = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) ids.push(await api.queued(account, name));
    for (const id of ids.slice(4, 6)) {
      await api.rows(accountId, 'UPDATE conversations SET priority = 9 WHERE account_id = $1 AND id = $2', [id]);
    }
    // Several of one millisecond.
    await api.rows(
      accountId,
      `UPDATE conversations SET waiting_since = date_trunc('second', waiting_since), last_message_at = date_trunc('minute', now())
       WHERE account_id = $1`,
    );
    const byAge = await list(key, 'order=oldest');
    expect(byAge.toSorted()).toEqual(ids.toSorted());
    for (const order of ['oldest', 'priority', 'last-message']) {
      const whole = await list(key, `order=${order}`);
      expect(await list(key, `order=${order}`, 2)).toEqual(whole);
      expect(new Set(whole).size).toBe(7);
    }
    expect((await list(key, 'order=priority')).slice(0, 2).toSorted()).toEqual(ids.slice(4, 6).toSorted());
  });

  test('what has just come in, and is not decided on yet, comes first', async () => {
    const account = await api.ready();
    const known = (await api.write(account, 'known', 'hello')).conversationId;
    await api.put(account, 'new', 'x');
    const ids = await list(account.key, '', 1);
    expect(ids).toHaveLength(2);
    expect(ids[1]).toBe(known);
  });
});

describe('S4-2, S1-13: an agent sees the chats of their groups and bots, and their own', () => {
  test('in the list, one by one, in transcripts and events', async () => {
    const account = await api.ready({ agents: 1 });
    const { key, accountId, groupId, botId } = account;
    const [token = ''] = account.tokens;
    const [agentId = ''] = account.agentIds;
    const mine = await api.queued(account);
    const otherGroup = await api.queued(account);
    const otherBot = await api.queued(account);
    const group = (await api.call(key, 'POST', '/v1/groups', { name: 'Others' })).body.id;
    await api.rows(accountId, 'UPDATE conversations SET group_id = $2 WHERE account_id = $1 AND id = $3', [
      group,
      otherGroup,
    ]);
    const bot = await api.call(key, 'POST', '/v1/bots', {
      name: 'B',
      type: 'http',
      settings: { url: 'https://x.example' },
    });
    await api.rows(accountId, 'UPDATE conversations SET bot_id = $2 WHERE account_id = $1 AND id = $3', [
      bot.body.id,
      otherBot,
    ]);
    expect((await list(token, '')).toSorted()).toEqual([mine, otherBot].toSorted());
    await api.call(key, 'PATCH', `/v1/agents/${agentId}`, { botIds: [botId], groupIds: [groupId] });
    expect(await list(token, '')).toEqual([mine]);
    for (const path of ['', '/messages', '/events']) {
      expect((await api.call(token, 'GET', `/v1/conversations/${mine}${path}`)).status).toBe(200);
      for (const id of [otherGroup, otherBot]) {
        expect(await api.call(token, 'GET', `/v1/conversations/${id}${path}`)).toMatchObject({
          status: 403,
          body: { code: 'forbidden' },
        });
      }
      expect((await api.call(token, 'GET', `/v1/conversations/${uuid()}${path}`)).status).toBe(404);
    }
    for (const action of ['join', 'resolve', 'comment']) {
      expect((await api.act(token, otherBot, action, action === 'comment' ? { text: 'x' } : {})).status).toBe(403);
    }
    // Whoever owns a chat sees it wherever it came from.
    await api.call(key, 'PATCH', `/v1/agents/${agentId}`, { botIds: [] });
    expect((await api.act(key, otherGroup, 'assign', { agentId })).status).toBe(200);
    expect((await api.call(token, 'GET', `/v1/conversations/${otherGroup}`)).status).toBe(200);
    expect(await list(token, 'assignee=me')).toEqual([otherGroup]);
    // And after resolving it can be resolved again.
    expect((await api.act(token, otherGroup, 'resolve')).status).toBe(200);
    expect((await api.act(token, otherGroup, 'resolve')).status).toBe(200);
  });
});

describe('one conversation', () => {
  test('what is allowed is told to each for themselves: a colleague has no buttons of the owner’s', async () => {
    const account = await api.ready();
    const id = await api.held(account);
    const allowedFor = async (token: string | undefined) =>
      (await api.read<{ allowed: string[] }>(required(token), `/v1/conversations/${id}`)).allowed;
    expect(await allowedFor(account.tokens[0])).toEqual(expect.arrayContaining(['Reply', 'Resolve', 'Forward']));
    expect(await allowedFor(account.tokens[1])).toEqual(['RequestHandover', 'Block', 'Tag']);
  });

  test('B-3, S3-3: who holds it, the hand-over with its answers, and what happens when', async () => {
    const account = await api.ready({ agents: 1 });
    const { key, accountId } = account;
    const id = await api.held(account, 'Ann');
    await api.rows(
      accountId,
      `INSERT INTO intake_answers (account_id, conversation_id, handover, name, label, value, answered_at)
       VALUES ($1, $2, 1, 'order', 'Order number', '4711', now())`,
      [id],
    );
    await api.act(required(account.tokens[0]), id, 'reply', { text: 'Hello' });
    const details = await api.read<{ timers: { kind: string; at: string; inMs: number }[] }>(
      key,
      `/v1/conversations/${id}`,
    );
    expect(details).toMatchObject({
      state: 'assigned',
      holder: { kind: 'agent', id: account.agentIds[0] },
      contact: { name: 'Customer Ann', blocked: null, phones: [], emails: [] },
      handover: {
        no: 1,
        by: 'bot',
        step: 'held',
        reason: 'asked for a person',
        skill: 'sales',
        intake: [{ name: 'order', label: 'Order number', value: '4711' }],
      },
      allowed: expect.arrayContaining(['Reply', 'Resolve', 'Forward']) as string[],
      capabilities: { text: { dir: 'both' } },
    });
    expect(details.timers.map(({ kind }) => kind)).toEqual(['idle-warning', 'session']);
    for (const { at, inMs } of details.timers) {
      expect(Math.abs(new Date(at).getTime() - Date.now() - inMs)).toBeLessThan(60_000);
    }
  });

  test('a hand-over that nobody asked for in words has no reason', async () => {
    const account = await api.ready({ responsible: 'managers' });
    const { conversationId } = await api.write(account, uuid(), 'hello');
    expect(await api.read(account.key, `/v1/conversations/${conversationId}`)).toMatchObject({
      state: 'queued',
      handover: { by: 'engine', reason: null },
    });
  });

  test('what happened, in order, page by page', async () => {
    const account = await api.ready({ agents: 1 });
    const id = await api.held(account);
    const events: string[] = [];
    let cursor = '';
    do {
      const path = `/v1/conversations/${id}/events?limit=3${cursor}`;
      const { items, next } = await api.read<Page<{ type: string }>>(account.key, path);
      events.push(...items.map(({ type }) => type));
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    expect(events.slice(0, 2)).toEqual(['SessionStarted', 'CustomerMessageAccepted']);
    expect(events).toContain('ConversationQueued');
    expect(events).toContain('ConversationAssigned');
    const [stored] = await api.rows<{ no: number }>(
      account.accountId,
      'SELECT event_no AS no FROM actors WHERE account_id = $1 AND conversation_id = $2',
      [id],
    );
    expect(events).toHaveLength(required(stored).no);
  });
});

describe('S1-4: comments', () => {
  const shown = async (token: string, id: string, query = '') => {
    const { items } = await api.read<Page<Line>>(token, `/v1/conversations/${id}/messages?${query}`);
    return items.map(({ content }) => content?.text);
  };

  /** Page by page. */
  async function commentsOf(token: string, id: string): Promise<{ text: string | null }[]> {
    const all: { text: string | null }[] = [];
    let cursor = '';
    do {
      const path = `/v1/conversations/${id}/comments?limit=1${cursor}`;
      const { items, next } = await api.read<Page<{ text: string | null }>>(token, path);
      all.push(...items);
      cursor = next === null ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    return all;
  }

  test('stand between the messages; a personal one is seen by its author alone, everywhere', async () => {
    const account = await api.ready();
    const { key } = account;
    const [first = '', second = ''] = account.tokens;
    const id = await api.held(account);
    const comment = (token: string, body: object) =>
      api.call(token, 'POST', `/v1/conversations/${id}/actions/comment`, body);
    expect(await comment(first, { text: 'for all of us' })).toMatchObject({
      status: 201,
      body: { agentId: account.agentIds[0], visibility: 'agents' },
    });
    expect((await comment(first, { text: 'for me alone', visibility: 'personal' })).status).toBe(201);
    await api.act(first, id, 'reply', { text: 'to the customer' });
    expect((await comment(second, { text: 'as well' })).status).toBe(201);

    const notice = 'notice: assigned';
    expect(await shown(first, id)).toEqual([
      'human',
      notice,
      'for all of us',
      'for me alone',
      'to the customer',
      'as well',
    ]);
    const others = ['human', notice, 'for all of us', 'to the customer', 'as well'];
    expect(await shown(second, id)).toEqual(others);
    expect(await shown(key, id)).toEqual(others);
    expect(await shown(first, id, 'order=desc')).toEqual((await shown(first, id)).toReversed());
    expect(await shown(first, id, 'show=messages')).toEqual(['human', notice, 'to the customer']);
    expect(await shown(first, id, 'show=comments')).toEqual(['for all of us', 'for me alone', 'as well']);
    expect(await shown(second, id, 'show=comments')).toEqual(['for all of us', 'as well']);

    const alone = async (token: string) => (await commentsOf(token, id)).map(({ text }) => text);
    expect(await alone(first)).toEqual(['for all of us', 'for me alone', 'as well']);
    for (const token of [second, key]) expect(await alone(token)).toEqual(['for all of us', 'as well']);
    const [, own] = await commentsOf(first, id);
    expect(own).toMatchObject({ agentId: account.agentIds[0], visibility: 'personal', text: 'for me alone' });
    expect((await comment(first, { text: 'nowhere else' })).status).toBe(201);
    const twin = await api.call(first, 'POST', `/v1/conversations/${id}/comments`, { text: 'nowhere' });
    expect(twin).toMatchObject({ status: 404, body: { code: 'not-found' } });

    const found = (token: string, text: string) => list(token, `q=${encodeURIComponent(text)}`);
    expect(await found(first, 'me alone')).toEqual([id]);
    expect(await found(second, 'me alone')).toEqual([]);
    expect(await found(key, 'me alone')).toEqual([]);
    expect(await found(second, 'all of us')).toEqual([id]);
    // No customer ever got one.
    await api.actors.settle(account.accountId);
    expect(api.actors.sent.map((one) => one.content.text)).not.toContain('for all of us');
  });

  test('every page size shows the same transcript, forwards and backwards', async () => {
    const account = await api.ready({ agents: 1 });
    const [token = ''] = account.tokens;
    const id = await api.held(account);
    for (const no of [1, 2, 3]) {
      await api.act(token, id, 'reply', { text: `reply ${no}` });
      for (const letter of ['a', 'b', 'c']) await api.act(token, id, 'comment', { text: `comment ${no}${letter}` });
    }
    const whole = await shown(token, id);
    expect(whole).toHaveLength(14);
    for (const [order, expected] of [
      ['asc', whole],
      ['desc', whole.toReversed()],
    ] as const) {
      for (const limit of [1, 2, 3, 5]) {
        const lines: (string | undefined)[] = [];
        let cursor = '';
        do {
          const path = `/v1/conversations/${id}/messages?order=${order}&limit=${limit}${cursor}`;
          const { items, next } = await api.read<Page<Line>>(token, path);
          lines.push(...items.map(({ content }) => content?.text));
          cursor = next === null ? '' : `&cursor=${next}`;
        } while (cursor !== '');
        expect({ order, limit, lines }).toEqual({ order, limit, lines: expected });
      }
    }
  });

  test('a key comments for an agent, or for nobody in particular', async () => {
    const account = await api.ready({ agents: 1 });
    const id = await api.held(account);
    const path = `/v1/conversations/${id}/actions/comment`;
    expect((await api.call(account.key, 'POST', path, { text: 'x' })).body).toMatchObject({ agentId: null });
    expect((await api.call(account.key, 'POST', path, { text: 'x', visibility: 'personal' })).status).toBe(400);
    const [agentId = ''] = account.agentIds;
    const own = { text: 'mine', visibility: 'personal', agentId };
    expect((await api.call(account.key, 'POST', path, own)).body).toMatchObject({ agentId });
    expect(await shown(required(account.tokens[0]), id, 'show=comments')).toEqual(['x', 'mine']);
    expect(await shown(account.key, id, 'show=comments')).toEqual(['x']);
  });

  test('B-14: a key comments for no agent who is gone or of another account', async () => {
    const [account, other] = [await api.ready({ agents: 1 }), await api.ready({ agents: 1 })];
    const id = await api.held(account);
    const [gone = ''] = account.agentIds;
    await api.call(account.key, 'DELETE', `/v1/agents/${gone}?chats=requeue`);
    for (const agentId of [gone, ...other.agentIds]) {
      const answer = await api.call(account.key, 'POST', `/v1/conversations/${id}/actions/comment`, {
        text: 'x',
        agentId,
      });
      expect(answer).toMatchObject({ status: 422, body: { code: 'unknown-reference' } });
    }
  });
});

test('B-6: 20 messages at the same moment from a new customer: one conversation, 20 messages, in order', async () => {
  const account: Account = await api.ready();
  await Promise.all(Array.from({ length: 20 }, (_, index) => api.write(account, 'same', `no ${index}`)));
  const [id = '', ...others] = await list(account.key, '');
  expect(others).toEqual([]);
  const { items } = await api.read<Page<Line>>(account.key, `/v1/conversations/${id}/messages?show=messages`);
  const written = items.filter(({ author }) => author.kind === 'customer');
  const rows = await api.rows<{ text: string }>(
    account.accountId,
    `SELECT content->>'text' AS text FROM messages WHERE account_id = $1 AND conversation_id = $2 AND inbox_seq IS NOT NULL
     ORDER BY inbox_seq`,
    [id],
  );
  expect(written.map(({ content }) => content?.text)).toEqual(rows.map(({ text }) => text));
  expect(rows).toHaveLength(20);
});
