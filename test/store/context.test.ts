import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { readContext } from '../../store/context.ts';
import { acceptInbound } from '../../store/inbound.ts';
import type { Target } from '../../workflows/conversation/state.ts';
import { createTestDatabase, seedAccount, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.arrangerUrl, max: 4, name: 'test-context' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const now = Date.parse('2026-03-02T12:00:00Z');

async function begin(options: Parameters<typeof seedAccount>[1] = {}) {
  const account = await seedAccount(pool, options);
  const { accountId, channelId: sourceId } = account;
  const content = { text: 'hello' };
  const message = { kind: 'message', externalId: '1', thread: 't', contact: { externalId: 'c' }, content } as const;
  const [stored] = await acceptInbound(pool, { accountId, sourceId, at: now, items: [message] });
  const actor = { accountId, conversationId: stored?.conversationId ?? '' };
  return {
    account,
    actor,
    query: (text: string, values: unknown[] = []) => inAccount(pool, accountId, (tx) => tx.query(text, values)),
    context: (target: Target | null = null, orDefault = false) =>
      inAccount(pool, accountId, (tx) => readContext(tx, actor, { target, orDefault }, now)),
  };
}

describe('The facts that a session’s beginning depends on', () => {
  test('the channel’s mode and bot, and the newest policy of the account', async () => {
    const { account, context, query } = await begin({ numbers: { queue: { waitMs: 1_000 } } });
    await query(`UPDATE channels SET mode = 'business'`);
    await query(
      `INSERT INTO policies SELECT account_id, 2, '{"queue": {"waitMs": 2000}}', groups, notices, form, routing, created_at FROM policies`,
    );
    expect(await context()).toMatchObject({
      mode: 'business',
      botId: account.botId,
      responsible: { kind: 'bot' },
      block: null,
      policy: { version: 2, queue: { waitMs: 2_000 } },
    });
  });

  test('the account’s own numbers, whatever group has the conversation', async () => {
    const { account, context, query } = await begin();
    await query('UPDATE policies SET groups = $1', [{ [account.groupId]: { firstReplyMs: 5_000 } }]);
    await query(`UPDATE conversations SET group_id = $1, phase = 'assigned'`, [account.groupId]);
    expect(await context()).toMatchObject({ policy: { firstReplyMs: null }, route: null });
  });

  test.each([
    ['until it is lifted', null, true],
    ['that expires in a millisecond', 1, true],
    ['that expires now', 0, false],
  ])('S1-8: a block %s', async (_, expires, blocked) => {
    const { context, query } = await begin();
    const blockId = '01890000-0000-7000-8000-000000000001';
    const expiresAt = expires === null ? null : now + expires;
    await query('UPDATE contacts SET block_id = $1, blocked_until = $2', [blockId, expiresAt && new Date(expiresAt)]);
    expect((await context()).block).toEqual(blocked ? { blockId, expiresAt } : null);
  });

  test('S2-1: managers are asked in the channel’s group, by a request of this session', async () => {
    const { account, context, query } = await begin({ responsible: 'managers', agents: 1, maxChats: 1 });
    await query('UPDATE conversations SET session_no = 4');
    const { groupId } = account;
    await query('UPDATE policies SET groups = $1', [{ [groupId]: { firstReplyMs: 5_000 } }]);
    const route = (situation: string | null) => ({
      responsible: {
        kind: 'managers',
        requestId: 'responsible:5',
        route: { target: { kind: 'group', groupId }, situation, policy: { version: 1, firstReplyMs: 5_000 } },
      },
    });
    expect(await context()).toMatchObject(route(null));
    await query('UPDATE agents SET active = 1');
    expect(await context()).toMatchObject(route('all-busy'));
    await query(`UPDATE agents SET status = 'away'`);
    expect(await context()).toMatchObject(route('all-offline'));
    await query('UPDATE groups SET hours = $1', [{ timeZone: 'UTC', days: {} }]);
    expect(await context()).toMatchObject(route('out-of-hours'));
  });

  describe('of a queue that is gone', () => {
    const gone = { kind: 'group', groupId: uuid() } as const;

    test('S4-6: the channel’s own, else the account’s default, stands for where a chat came from', async () => {
      const { account, context, query } = await begin();
      const { groupId } = account;
      const usual = { kind: 'group', groupId } as const;
      await query('UPDATE policies SET groups = $1', [{ [groupId]: { firstReplyMs: 5_000 } }]);
      const own = { target: usual, policy: { firstReplyMs: 5_000 } };
      expect((await context(gone, true)).route).toMatchObject(own);
      await query('UPDATE channels SET group_id = NULL');
      await query('UPDATE policies SET routing = $1', [{ default: usual }]);
      expect((await context(gone, true)).route).toMatchObject(own);
      expect((await context(usual, true)).route).toMatchObject({ target: usual });
    });

    test('S1-6: nothing stands for where somebody sends it, nor where there is nothing', async () => {
      const { context, query } = await begin();
      expect((await context(gone)).route).toMatchObject({ target: gone });
      await query('UPDATE channels SET group_id = NULL');
      await query(`UPDATE policies SET routing = '{}'`);
      expect((await context(gone, true)).route).toMatchObject({ target: gone, situation: null });
    });
  });

  test('managers of no group at all can’t be asked: then the bot is', async () => {
    const { context, query } = await begin({ responsible: 'managers' });
    await query('UPDATE channels SET group_id = NULL');
    await query(`UPDATE policies SET routing = '{}'`);
    expect((await context()).responsible).toEqual({ kind: 'bot' });
  });

  test('an account without a policy has the defaults', async () => {
    const { context, query } = await begin();
    await query(`UPDATE policies SET numbers = '{}', version = 0`);
    expect((await context()).policy).toMatchObject({ version: 0, maxTransfers: 10 });
  });

  test('R19: a conversation of another account is none', async () => {
    const [ours, theirs] = [await begin(), await begin()];
    const crossed = { accountId: ours.actor.accountId, conversationId: theirs.actor.conversationId };
    await expect(
      inAccount(pool, ours.actor.accountId, (tx) => readContext(tx, crossed, { target: null }, now)),
    ).rejects.toThrow('unknown-conversation');
  });
});

describe('The facts of a queue', () => {
  test('a group’s: its numbers over the account’s, and who is there of those who serve the session’s bot', async () => {
    const { account, context, query } = await begin({ agents: 1, maxChats: 1 });
    const { groupId } = account;
    const target = { kind: 'group', groupId } as const;
    await query('UPDATE policies SET groups = $1', [{ [groupId]: { assignment: 'automatic' } }]);
    const read = async () => (await context(target)).route;
    expect(await read()).toMatchObject({ target, situation: null, policy: { version: 1, assignment: 'automatic' } });
    expect((await context(target)).policy.assignment).toBe('manual');
    await query('UPDATE agents SET active = 1');
    expect(await read()).toMatchObject({ situation: 'all-busy' });
    const other = '01890000-0000-7000-8000-000000000002';
    await query(`INSERT INTO bots SELECT account_id, $1, name, type, settings, secrets, created_at FROM bots`, [other]);
    await query('INSERT INTO agent_bots SELECT account_id, id, $1 FROM agents', [account.botId]);
    expect(await read()).toMatchObject({ situation: 'all-busy' });
    await query('UPDATE conversations SET bot_id = $1', [other]);
    expect(await read()).toMatchObject({ situation: 'all-offline' });
  });

  test('a desk’s: the account’s numbers', async () => {
    const { context } = await begin({ numbers: { firstReplyMs: 4_000 } });
    const target = { kind: 'desk', deskId: '01890000-0000-7000-8000-000000000003' } as const;
    expect((await context(target)).route).toMatchObject({ target, situation: null, policy: { firstReplyMs: 4_000 } });
  });

  test('nobody is told of a group that is not there: the record will refuse it', async () => {
    const { account, context, query } = await begin({ agents: 0 });
    const target = { kind: 'group', groupId: account.groupId } as const;
    expect((await context(target)).route).toMatchObject({ situation: 'all-offline' });
    await query('UPDATE groups SET deleted_at = created_at');
    expect((await context(target)).route).toMatchObject({ target, situation: null });
  });
});
