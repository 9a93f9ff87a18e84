import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { Routing } from '../../store/policies.ts';
import type { Chat } from './chat.ts';
import { createSetting, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

interface Wish {
  groupId?: string;
  deskId?: string;
  skill?: string;
  webstore?: string;
}

async function request(chat: Chat, { groupId, deskId, skill, webstore }: Wish): Promise<string> {
  const id = uuid();
  await chat.query(
    `INSERT INTO handover_requests (account_id, conversation_id, id, group_id, desk_id, skill, webstore, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, now())`,
    [chat.actor.accountId, chat.actor.conversationId, id, groupId, deskId, skill, webstore],
  );
  return id;
}

async function addGroup(chat: Chat, agents: { status?: string; maxChats?: number; active?: number }[] = []) {
  const [id, { accountId }] = [uuid(), chat.actor];
  await chat.in(async (tx) => {
    await tx.query(`INSERT INTO groups (account_id, id, name, created_at) VALUES ($1, $2, 'G', now())`, [
      accountId,
      id,
    ]);
    for (const { status = 'online', maxChats = 3, active = 0 } of agents) {
      const agentId = uuid();
      await tx.query(
        `INSERT INTO agents (account_id, id, name, status, max_chats, active, created_at) VALUES ($1, $2, 'A', $3, $4, $5, now())`,
        [accountId, agentId, status, maxChats, active],
      );
      await tx.query('INSERT INTO agent_groups (account_id, agent_id, group_id) VALUES ($1, $2, $3)', [
        accountId,
        agentId,
        id,
      ]);
    }
  });
  return id;
}

const route = (chat: Chat, requestId: string, agentStatus: 'online' | 'offline' | null = null) =>
  setting.work.routeHandover(chat.actor, {
    kind: 'RouteHandover',
    lane: 'ask',
    id: 'RouteHandover:1:1',
    notBeforeAt: 0,
    handover: 1,
    requestId,
    agentStatus,
  });

const presence = (chat: Chat, requestId: string, { checkPresence } = setting.work) =>
  checkPresence(chat.actor, {
    kind: 'CheckPresence',
    lane: 'ask',
    id: 'CheckPresence:1:1',
    notBeforeAt: 0,
    handover: 1,
    requestId,
  });

async function routed(chat: Chat, wish: Wish) {
  const outcome = await route(chat, await request(chat, wish));
  if (outcome.kind !== 'routed') throw new Error('not routed');
  return outcome.route;
}

const setRouting = (chat: Chat, routing: Partial<Routing>) =>
  chat.query('UPDATE policies SET routing = $1', [JSON.stringify(routing)]);
const nowhere = { kind: 'failed', class: 'permanent', retryAfterMs: null };

describe('S3-4: routing keyword and webstore are two facts, fixed independently of each other', () => {
  test.each([
    [{ skill: 'returns', webstore: 'named' }, 'named'],
    [{ skill: 'returns', webstore: '' }, 'shop-de'],
    [{ skill: 'returns' }, 'shop-de'],
    [{}, 'shop-de'],
  ] as [Wish, string][])('%j, on a page of the German shop: webstore %s', async (wish, webstore) => {
    const chat = await setting.chat();
    await chat.query(`UPDATE contacts SET attributes = '{"pageUrl": "https://Shop.Example/de/cart?customer=canary"}'`);
    await setRouting(chat, {
      webstores: [
        { pattern: 'shop.example/fr/', webstore: 'shop-fr' },
        { pattern: '*.example/de/', webstore: 'shop-de' },
        { pattern: 'shop.example', webstore: 'shop' },
      ],
    });
    await routed(chat, wish);
    const [stored] = await chat.query('SELECT skill, webstore FROM handover_requests');
    expect(stored).toEqual({ skill: wish.skill ?? null, webstore });
  });

  test('routed once more it gives the same facts', async () => {
    const chat = await setting.chat();
    await chat.query(`UPDATE contacts SET attributes = '{"pageUrl": "https://shop.example/"}'`);
    await setRouting(chat, { webstores: [{ pattern: 'shop.example', webstore: 'shop' }] });
    const id = await request(chat, {});
    const first = await route(chat, id);
    await chat.query(`UPDATE contacts SET attributes = '{"pageUrl": "https://elsewhere.example/"}'`);
    expect(await route(chat, id)).toEqual(first);
    expect(await chat.query('SELECT webstore FROM handover_requests')).toEqual([{ webstore: 'shop' }]);
  });

  test('an explicit group wins, then an explicit desk, then the first rule, then the channel’s group, then the default', async () => {
    const chat = await setting.chat();
    const { groupId: own, accountId } = chat.account;
    const [named, byRule, fallback] = [await addGroup(chat), await addGroup(chat), await addGroup(chat)];
    const deskId = await setting.addDesk(accountId);
    await setRouting(chat, {
      rules: [
        { skill: 'gone', target: { kind: 'group', groupId: uuid() } },
        { skill: 'Returns', webstore: 'de', target: { kind: 'desk', deskId } },
        { skill: 'returns', target: { kind: 'group', groupId: byRule } },
      ],
      default: { kind: 'group', groupId: fallback },
    });
    const group = (groupId: string) => ({ kind: 'group', groupId });
    const desk = { kind: 'desk', deskId };
    expect((await routed(chat, { groupId: named, deskId, skill: 'returns' })).target).toEqual(group(named));
    expect((await routed(chat, { deskId, skill: 'returns' })).target).toEqual(desk);
    expect((await routed(chat, { skill: 'RETURNS ', webstore: 'DE' })).target).toEqual(desk);
    expect((await routed(chat, { skill: 'returns' })).target).toEqual(group(byRule));
    expect((await routed(chat, { skill: 'gone' })).target).toEqual(group(own));
    expect((await routed(chat, {})).target).toEqual(group(own));
    await chat.query('UPDATE channels SET group_id = NULL');
    expect((await routed(chat, {})).target).toEqual(group(fallback));

    await chat.query('UPDATE desks SET disabled_at = now()');
    expect((await routed(chat, { deskId, skill: 'returns', webstore: 'de' })).target).toEqual(group(byRule));
    await chat.query('UPDATE groups SET deleted_at = now()');
    expect(await route(chat, await request(chat, {}))).toEqual(nowhere);
    expect(await presence(chat, await request(chat, {}))).toEqual(nowhere);
  });

  test('a request that the engine made itself has a row from then on', async () => {
    const chat = await setting.chat();
    expect(await route(chat, 'engine:1')).toMatchObject({ kind: 'routed' });
    expect(await chat.query('SELECT id FROM handover_requests')).toEqual([{ id: 'engine:1' }]);
  });
});

describe('S2-3: what the customer is told', () => {
  test.each([
    [[{}], null],
    [[{ active: 3 }, {}], null],
    [[{ active: 3 }, { status: 'away' }], 'all-busy'],
    [[{ status: 'away' }, { status: 'offline' }], 'all-offline'],
    [[], 'all-offline'],
  ])('a group with agents %j: %s', async (agents, situation) => {
    const chat = await setting.chat();
    expect((await routed(chat, { groupId: await addGroup(chat, agents) })).situation).toBe(situation);
  });

  test('a closed group is out of hours, whoever is there', async () => {
    const chat = await setting.chat();
    const groupId = await addGroup(chat, [{}]);
    await chat.query('UPDATE groups SET hours = $1 WHERE id = $2', [{ timeZone: 'UTC', days: {} }, groupId]);
    expect((await routed(chat, { groupId })).situation).toBe('out-of-hours');
  });

  test.each([
    ['offline', 'all-offline'],
    ['online', null],
  ] as const)('a desk that is %s: %s', async (agentStatus, situation) => {
    const chat = await setting.chat();
    const deskId = await setting.addDesk(chat.account.accountId);
    const outcome = await route(chat, await request(chat, { deskId }), agentStatus);
    expect(outcome).toMatchObject({ route: { target: { kind: 'desk', deskId }, situation } });
  });

  test('the policy in force is the newest version, with the group’s values over the account’s', async () => {
    const chat = await setting.chat({ numbers: { queue: { waitMs: 1_000 } } });
    const groupId = await addGroup(chat, [{}]);
    await chat.query('UPDATE policies SET groups = $1', [
      { [groupId]: { queue: { onWaitOver: 'bot' }, firstReplyMs: 300_000 } },
    ]);
    await chat.query(
      `INSERT INTO policies SELECT account_id, 2, numbers, groups, notices, form, routing, created_at FROM policies`,
    );
    const { policy } = await routed(chat, { groupId });
    expect(policy).toMatchObject({
      version: 2,
      queue: { waitMs: 1_000, onWaitOver: 'bot', onAllOffline: 'keep-waiting' },
      firstReplyMs: 300_000,
    });
  });
});

describe('S3-2: is anybody there?', () => {
  const second = 1_000;
  test.each([
    ['online', null, true],
    ['online', -29 * second, true],
    ['online', -31 * second, false],
    ['online', 60 * second, true],
    ['away', 60 * second, false],
    ['offline', 60 * second, false],
  ])('an agent who is %s, with a lease that ends in %s ms: %s', async (status, lease, online) => {
    const chat = await setting.chat({ agents: 1 });
    await chat.query('UPDATE agents SET status = $1, lease_until = $2', [
      status,
      lease === null ? null : new Date(Date.now() + lease),
    ]);
    expect(await presence(chat, await request(chat, {}))).toEqual({ kind: 'checked', online });
  });

  test('S4-2: only agents who serve the conversation’s bot count', async () => {
    const chat = await setting.chat({ agents: 1 });
    const { accountId, agentIds, botId } = chat.account;
    const other = uuid();
    await chat.query(`INSERT INTO bots (account_id, id, name, type, created_at) VALUES ($1, $2, 'B', 'http', now())`, [
      accountId,
      other,
    ]);
    const serve = (id: string) =>
      chat.query('INSERT INTO agent_bots (account_id, agent_id, bot_id) VALUES ($1, $2, $3)', [
        accountId,
        agentIds[0],
        id,
      ]);
    await serve(other);
    expect(await presence(chat, 'none')).toEqual({ kind: 'checked', online: false });
    expect(await route(chat, 'none')).toMatchObject({ route: { situation: 'all-offline' } });
    await serve(botId);
    expect(await presence(chat, 'none')).toEqual({ kind: 'checked', online: true });
  });

  test('S0-2: a desk is asked with the two facts, and hears nothing of the dialog', async () => {
    const { desk } = setting;
    const chat = await setting.chat();
    const deskId = await setting.addDesk(chat.account.accountId);
    const id = await request(chat, { deskId, skill: 'returns', webstore: 'de' });
    expect(await presence(chat, id)).toEqual({ kind: 'checked', online: true });
    expect(desk.calls.at(-1)).toMatchObject({
      type: 'desk.presence.requested',
      data: { skill: 'returns', webstore: 'de' },
    });
    expect(JSON.stringify(desk.calls)).not.toContain('hello');

    desk.script(() => ({ status: 200, body: { online: false } }));
    expect(await presence(chat, id)).toEqual({ kind: 'checked', online: false });
  });

  test.each([
    [{ status: 500 }, 'retryable'],
    ['drop' as const, 'retryable'],
    ['hang' as const, 'retryable'],
    [{ status: 200, body: 'perhaps' }, 'permanent'],
  ])('a desk that says %j: a failure, which the core takes for offline', async (reply, failureClass) => {
    const { desk, another } = setting;
    const chat = await setting.chat();
    const deskId = await setting.addDesk(chat.account.accountId);
    desk.script(() => reply);
    const requestId = await request(chat, { deskId });
    const outcome = await presence(chat, requestId, another({ limits: { presenceMs: 300 } }));
    desk.script(() => null);
    expect(outcome).toEqual({ kind: 'failed', class: failureClass, retryAfterMs: null });
  });
});
