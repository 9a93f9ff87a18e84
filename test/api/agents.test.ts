import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { allTold } from '../support/announcements.ts';
import { inboxOf, seedConversation } from './conversation.ts';
import { createTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let now = Date.now();
beforeAll(async () => (api = await createTestApi({ deps: { clock: () => now } })));
afterAll(() => api.close());

async function presenceOf(accountId: string, agentId: string): Promise<string[]> {
  return inAccount(api.pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ line: string }>(
      `SELECT status || ' because ' || because AS line FROM presence_changes
       WHERE account_id = $1 AND agent_id = $2 ORDER BY id`,
      [accountId, agentId],
    );
    return rows.map(({ line }) => line);
  });
}

/** As it stands in the inbox of a chat that hears of it. */
function agentLeft(agentId: string, choice: string, groupId: string | null): object[] {
  const payload = JSON.parse(`{"then":"${choice}"}`) as object;
  return [{ type: 'AgentLeft', payload: { agentId, groupId, ...payload } }];
}

async function marksOf(accountId: string): Promise<number> {
  return inAccount(api.pool, accountId, async (tx) => (await tx.query('SELECT 1 FROM group_marks')).rowCount ?? 0);
}

describe('agents', () => {
  test('are added, read, listed, changed and removed', async () => {
    const { key, groupId, botId } = await api.account({ agents: 0 });
    const wanted = { name: 'Ada', email: 'ada@example.com', maxChats: 3, groupIds: [groupId], botIds: [botId] };
    const made = await api.call(key, 'POST', '/v1/agents', wanted);
    expect(made).toMatchObject({ status: 201, body: { ...wanted, role: 'agent', status: 'offline', activeChats: 0 } });
    const path = `/v1/agents/${made.body.id}`;
    expect((await api.call(key, 'GET', path)).body).toEqual(made.body);
    expect(
      (await api.call(key, 'GET', `/v1/agents?q=ADA&groupId=${groupId}&status=offline&role=agent`)).body.items,
    ).toEqual([made.body]);
    expect((await api.call(key, 'GET', '/v1/agents?q=%25')).body.items).toEqual([]);
    const changed = await api.call(key, 'PATCH', path, { name: 'Ada L.', groupIds: [] });
    expect(changed.body).toMatchObject({ name: 'Ada L.', groupIds: [], botIds: [botId], maxChats: 3 });
    expect((await api.call(key, 'DELETE', path)).status).toBe(204);
    expect((await api.call(key, 'GET', path)).status).toBe(404);
    expect((await api.call(key, 'POST', '/v1/agents', wanted)).status).toBe(201);
  });

  test('have an address of their own', async () => {
    const { key } = await api.account();
    await api.call(key, 'POST', '/v1/agents', { name: 'Ada', email: 'same@example.com' });
    expect(await api.call(key, 'POST', '/v1/agents', { name: 'Eve', email: 'Same@example.com' })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });

  test('have a name that is as long as the document says, as it is sent', async () => {
    const { key } = await api.account();
    const create = (name: string) => api.call(key, 'POST', '/v1/agents', { name });
    expect(await create(`${'a'.repeat(200)} `)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', issues: [{ path: ['body', 'name'] }] },
    });
    expect(await create(` ${'a'.repeat(198)} `)).toMatchObject({ status: 201, body: { name: 'a'.repeat(198) } });
  });

  test('have an address that a mail server takes', async () => {
    const { key } = await api.account();
    const create = (email: string) => api.call(key, 'POST', '/v1/agents', { name: 'Ada', email });
    expect(await create(`${'a'.repeat(65)}@example.com`)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', issues: [{ path: ['body', 'email'] }] },
    });
    expect((await create(`${'a'.repeat(64)}@example.com`)).status).toBe(201);
  });

  test('serve groups and bots that there are', async () => {
    const { key, groupId } = await api.account();
    const other = await api.account();
    expect(
      await api.call(key, 'POST', '/v1/agents', { name: 'Ada', groupIds: [groupId, other.groupId] }),
    ).toMatchObject({
      status: 422,
      body: { code: 'unknown-reference', issues: [{ path: ['body', 'groupIds', 1] }] },
    });
    expect((await api.call(key, 'POST', '/v1/agents', { name: 'Ada', botIds: [other.botId] })).status).toBe(422);
    expect((await api.call(key, 'GET', '/v1/agents?q=Ada')).body.items).toEqual([]);
  });

  test('a raised limit or a new group gives the matcher something to do; a lowered one throws nobody out', async () => {
    const account = await api.account();
    const [agentId = ''] = account.agentIds;
    const path = `/v1/agents/${agentId}`;
    await seedConversation(api.pool, account, { agentId });
    expect((await api.call(account.key, 'PATCH', path, { maxChats: 0 })).body).toMatchObject({
      maxChats: 0,
      activeChats: 1,
    });
    expect(await marksOf(account.accountId)).toBe(0);
    await api.call(account.key, 'PATCH', path, { maxChats: 9 });
    expect(await marksOf(account.accountId)).toBe(1);
  });
});

describe('S1-10: going offline with chats in progress', () => {
  const setUp = async () => {
    const account = await api.account();
    const [agentId = '', otherId = ''] = account.agentIds;
    const chats = [
      await seedConversation(api.pool, account, { agentId }),
      await seedConversation(api.pool, account, { agentId }),
    ];
    const foreign = await seedConversation(api.pool, account, { agentId: otherId });
    const go = (body: object) => api.call(account.key, 'PUT', `/v1/agents/${agentId}/status`, body);
    const inboxes = () =>
      Promise.all(chats.map(({ conversationId }) => inboxOf(api.pool, account.accountId, conversationId)));
    const inboxOfOther = () => inboxOf(api.pool, account.accountId, foreign.conversationId);
    return { account, agentId, go, inboxes, inboxOfOther };
  };

  test('needs a choice, and without one changes nothing', async () => {
    const { account, agentId, go, inboxes } = await setUp();
    expect(await go({ status: 'offline' })).toMatchObject({
      status: 409,
      body: { code: 'choice-required', activeChats: 2, choices: ['keep', 'requeue', 'forward', 'close'] },
    });
    expect((await api.call(account.key, 'GET', `/v1/agents/${agentId}`)).body.status).toBe('online');
    expect(await inboxes()).toEqual([[], []]);
    expect((await go({ status: 'away' })).status).toBe(200);
  });

  test('keep: the chats stay', async () => {
    const { go, inboxes } = await setUp();
    expect(await go({ status: 'offline', chats: 'keep' })).toMatchObject({
      status: 200,
      body: { status: 'offline', activeChats: 2 },
    });
    expect(await inboxes()).toEqual([[], []]);
  });

  test.each(['requeue', 'close'] as const)('%s: every chat of the agent hears of it, and no other', async (choice) => {
    const { agentId, go, inboxes, inboxOfOther } = await setUp();
    expect((await go({ status: 'offline', chats: choice })).status).toBe(200);
    const heard = agentLeft(agentId, choice, null);
    expect(await inboxes()).toEqual([heard, heard]);
    expect(await inboxOfOther()).toEqual([]);
  });

  test('forward: names a group that there is', async () => {
    const { account, agentId, go, inboxes } = await setUp();
    const other = await api.account();
    expect((await go({ status: 'offline', chats: 'forward' })).status).toBe(400);
    expect((await go({ status: 'offline', chats: 'close', groupId: account.groupId })).status).toBe(400);
    expect((await go({ status: 'offline', chats: 'forward', groupId: other.groupId })).status).toBe(422);
    expect((await go({ status: 'offline', chats: 'forward', groupId: account.groupId })).status).toBe(200);
    const heard = agentLeft(agentId, 'forward', account.groupId);
    expect(await inboxes()).toEqual([heard, heard]);
  });

  test('being removed is leaving for good', async () => {
    const { account, agentId, inboxes } = await setUp();
    const path = `/v1/agents/${agentId}`;
    expect(await api.call(account.key, 'DELETE', path)).toMatchObject({
      status: 409,
      body: { code: 'choice-required', choices: ['requeue', 'forward', 'close'] },
    });
    expect((await api.call(account.key, 'DELETE', `${path}?chats=keep`)).status).toBe(400);
    expect((await api.call(account.key, 'DELETE', `${path}?chats=requeue`)).status).toBe(204);
    expect((await inboxes()).map((rows) => rows.length)).toEqual([1, 1]);
  });
});

describe('presence', () => {
  test('every change of status is kept, with who made it', async () => {
    const { accountId, key, agentIds } = await api.account();
    const [agentId = ''] = agentIds;
    const { token } = (await api.call(key, 'POST', `/v1/agents/${agentId}/tokens`)).body;
    const path = `/v1/agents/${agentId}/status`;
    await api.call(token, 'PUT', path, { status: 'away' });
    await api.call(key, 'PUT', path, { status: 'offline' });
    await api.call(token, 'PUT', path, { status: 'online' });
    await api.call(token, 'PUT', path, { status: 'online' });
    expect(await presenceOf(accountId, agentId)).toEqual([
      'away because agent',
      'offline because api',
      'online because agent',
    ]);
    expect(await marksOf(accountId)).toBe(1);
  });

  test('a lease is renewed, runs out, is taken anew and given up', async () => {
    const { accountId, key, agentIds } = await api.account();
    const [agentId = ''] = agentIds;
    const path = `/v1/agents/${agentId}`;
    const connected = async () => (await api.call(key, 'GET', path)).body.connected;
    expect(await connected()).toBe(false);
    const first = await api.call(key, 'PUT', `${path}/presence`, {});
    expect(first).toMatchObject({ status: 200, body: { leaseUntil: new Date(now + 60_000).toISOString() } });
    now += 30_000;
    await api.call(key, 'PUT', `${path}/presence`, {});
    now += 59_999;
    expect(await connected()).toBe(true);
    now += 1;
    expect(await connected()).toBe(false);
    await api.call(key, 'PUT', `${path}/presence`, {});
    await api.call(key, 'PUT', `${path}/presence`, { connected: false });
    expect(await connected()).toBe(false);
    expect(await presenceOf(accountId, agentId)).toEqual([
      'online because connected',
      'online because connected',
      'online because disconnected',
    ]);
  });

  test('an agent sets their own; somebody else’s needs a scope that supervisors have', async () => {
    const { key, agentIds } = await api.account();
    const [agentId = '', otherId = ''] = agentIds;
    const tokenOf = async (id: string): Promise<string> =>
      (await api.call(key, 'POST', `/v1/agents/${id}/tokens`)).body.token;
    const token = await tokenOf(agentId);
    const away = { status: 'away' };
    expect((await api.call(token, 'PUT', `/v1/agents/${agentId}/status`, away)).status).toBe(200);
    expect(await api.call(token, 'PUT', `/v1/agents/${otherId}/status`, away)).toMatchObject({
      status: 403,
      body: { scope: 'agents:presence' },
    });
    await api.call(key, 'PATCH', `/v1/agents/${agentId}`, { role: 'supervisor' });
    expect((await api.call(token, 'PUT', `/v1/agents/${otherId}/status`, away)).status).toBe(200);
  });
});

describe('S2-4: who waits in a group hears when its last agent goes', () => {
  const hint = [{ type: 'AvailabilityChanged', payload: {} }];

  async function setUp() {
    const account = await api.account();
    const { groupId, botId, agentIds } = account;
    const waits = await seedConversation(api.pool, account, { queuedIn: { groupId, botId } });
    const path = (nth: number) => `/v1/agents/${agentIds[nth] ?? ''}`;
    const goes = (nth: number, status: string) => api.call(account.key, 'PUT', `${path(nth)}/status`, { status });
    const heard = async () => {
      await allTold(api.pool, account.accountId);
      return inboxOf(api.pool, account.accountId, waits.conversationId);
    };
    return { account, path, goes, heard };
  }

  test.each(['away', 'offline'])('%s, and not while somebody is there, nor twice', async (status) => {
    const { goes, heard } = await setUp();
    await goes(0, status);
    expect(await heard()).toEqual([]);
    await goes(1, status);
    expect(await heard()).toEqual(hint);
    await goes(1, status === 'away' ? 'offline' : 'away');
    expect(await heard()).toEqual(hint);
  });

  test('of two who go at once the second is the last', async () => {
    const { goes, heard } = await setUp();
    await Promise.all([goes(0, 'offline'), goes(1, 'offline')]);
    expect(await heard()).toEqual(hint);
  });

  test('removed, or moved to other groups and bots', async () => {
    const removed = await setUp();
    await removed.goes(0, 'away');
    await api.call(removed.account.key, 'DELETE', removed.path(1));
    expect(await removed.heard()).toEqual(hint);
    const moved = await setUp();
    await moved.goes(0, 'away');
    await api.call(moved.account.key, 'PATCH', moved.path(1), { groupIds: [] });
    expect(await moved.heard()).toEqual(hint);
  });

  test('S2-3: and when its hours change, not when anything else of it does', async () => {
    const { account, heard } = await setUp();
    const change = (more: object) => api.call(account.key, 'PATCH', `/v1/groups/${account.groupId}`, more);
    await change({ name: 'Day', skills: [] });
    expect(await heard()).toEqual([]);
    expect((await change({ hours: { timeZone: 'UTC', days: {} } })).status).toBe(200);
    expect(await heard()).toEqual(hint);
  });

  test('of those who serve the bot that the chat came from', async () => {
    const { account, goes, heard, path } = await setUp();
    const made = await api.call(account.key, 'POST', '/v1/bots', {
      name: 'Other',
      type: 'http',
      settings: { url: 'https://bot.example/' },
    });
    expect(made.status).toBe(201);
    await api.call(account.key, 'PATCH', path(0), { botIds: [made.body.id] });
    expect(await heard()).toEqual([]);
    await goes(1, 'away');
    expect(await heard()).toEqual(hint);
  });

  test('but not who waits for another group, or in another account', async () => {
    const { account, goes } = await setUp();
    const other = await api.account();
    const queuedIn = { groupId: other.groupId, botId: other.botId };
    const foreign = await seedConversation(api.pool, other, { queuedIn });
    const group = await api.call(account.key, 'POST', '/v1/groups', { name: 'Other' });
    const elsewhere = await seedConversation(api.pool, account, {
      queuedIn: { groupId: group.body.id, botId: account.botId },
    });
    await goes(0, 'offline');
    await goes(1, 'offline');
    await allTold(api.pool, account.accountId);
    expect(await inboxOf(api.pool, other.accountId, foreign.conversationId)).toEqual([]);
    expect(await inboxOf(api.pool, account.accountId, elsewhere.conversationId)).toEqual([]);
  });
});
