/** A block is decided in one conversation and reaches all others of the contact, however many, in batches after its record. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tellSome } from '../../store/announcements.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { recordDecision } from '../../store/record.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { isAllTold, tellAll } from '../support/announcements.ts';
import { newConversation } from '../support/conversation-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openConversations } from '../support/many-conversations.ts';
import { decision } from './decision.ts';

const count = 300;
const most = 100;
let database: TestDatabase;
let pool: Pool;
let worker: Pool;
let api: Pool;
let account: SeededAccount;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.arrangerUrl, max: 5, name: 'test' });
  worker = createPool({ url: database.workerUrl, max: 5, name: 'test-worker' });
  api = createPool({ url: database.apiUrl, max: 5, name: 'test-api' });
});
afterAll(async () => {
  await Promise.all([pool.end(), worker.end(), api.end()]);
  await database.drop();
});
beforeEach(async () => {
  account = await seedAccount(pool);
  await openConversations(pool, account, count);
});

/** In the inbox of each conversation, in order; how many have the same. */
async function inboxes(): Promise<Record<string, number>> {
  const { rows } = await inAccount(pool, account.accountId, (tx) =>
    tx.query<{ heard: string; conversations: number }>(
      `SELECT heard, count(*)::integer AS conversations FROM (
         SELECT coalesce(string_agg(i.type || ' ' || (i.payload->>'blockId'), ', ' ORDER BY i.seq), 'nothing') AS heard
         FROM conversations c LEFT JOIN inbox i ON i.account_id = c.account_id AND i.conversation_id = c.id
         WHERE c.account_id = $1 GROUP BY c.id) AS each GROUP BY 1`,
      [account.accountId],
    ),
  );
  return Object.fromEntries(rows.map(({ heard, conversations }) => [heard, conversations]));
}

/** Records in one of the conversations, whichever: that a block begins, or that it ends. */
function recorder() {
  let expected = 0;
  const record = async (change: object) => {
    const { rows } = await inAccount(pool, account.accountId, (tx) =>
      tx.query<{ id: string }>('SELECT id FROM conversations WHERE account_id = $1 ORDER BY id LIMIT 1', [
        account.accountId,
      ]),
    );
    const id = { accountId: account.accountId, conversationId: String(rows[0]?.id) };
    const answer = await recordDecision(worker, decision(id, { expected, lockContact: 'update', ...change }));
    expect(answer).toMatchObject({ kind: 'recorded' });
    expected += 1;
  };
  return {
    block: async (): Promise<string> => {
      const blockId = uuid();
      await record({ block: { blockId, expiresAt: null } });
      return blockId;
    },
    unblock: (blockId: string) => record({ unblock: { blockId } }),
  };
}

const batch = (): Promise<boolean> => tellSome(api, account.accountId, { most, at: new Date() });
const tellRest = (): Promise<number> => tellAll(api, account.accountId, { most });

describe('S1-8: a block of a contact with many conversations', () => {
  test('writes to none of them in its own transaction, and reaches each of them once after it', async () => {
    const blockId = await recorder().block();
    expect(await inboxes()).toEqual({ nothing: count });
    await batch();
    expect(await inboxes()).toEqual({ nothing: count - most, [`ContactBlocked ${blockId}`]: most });
    await tellRest();
    expect(await inboxes()).toEqual({ [`ContactBlocked ${blockId}`]: count });
  });

  test('that ends meanwhile: whoever has heard of it hears that it is over, and nobody hears of it any more', async () => {
    const { block, unblock } = recorder();
    const blockId = await block();
    await batch();
    await unblock(blockId);
    await tellRest();
    expect(await inboxes()).toEqual({
      [`ContactBlocked ${blockId}, ContactUnblocked ${blockId}`]: most,
      [`ContactUnblocked ${blockId}`]: count - most,
    });
  });

  test('after one whose end not all have heard of: they end up in the one that stands', async () => {
    const { block, unblock } = recorder();
    const first = await block();
    await tellRest();
    await unblock(first);
    await batch();
    const second = await block();
    await tellRest();
    expect(await inboxes()).toEqual({
      [`ContactBlocked ${first}, ContactUnblocked ${first}, ContactBlocked ${second}`]: most,
      [`ContactBlocked ${first}, ContactBlocked ${second}`]: count - most,
    });
  });

  test('and its end, before all have heard of the end of one before it: whichever they were in is over', async () => {
    const { block, unblock } = recorder();
    const first = await block();
    await tellRest();
    await unblock(first);
    const second = await block();
    await batch();
    await unblock(second);
    await tellRest();
    const ends = `ContactUnblocked ${first}, ContactUnblocked ${second}`;
    expect(await inboxes()).toEqual({
      [`ContactBlocked ${first}, ContactBlocked ${second}, ${ends}`]: most,
      [`ContactBlocked ${first}, ${ends}`]: count - most,
    });
  });

  test('waits for whoever tells the news before it', async () => {
    const { block, unblock } = recorder();
    const blockId = await block();
    let ended: Promise<void> | undefined;
    await inAccount(api, account.accountId, async (tx) => {
      await tx.query('SELECT tell_some($1, $2, $3)', [account.accountId, most, new Date()]);
      ended = unblock(blockId);
      expect(await batch()).toBe(false);
    });
    await ended;
    await tellRest();
    expect(await inboxes()).toMatchObject({ [`ContactBlocked ${blockId}, ContactUnblocked ${blockId}`]: most });
  });
});

test('S1-8: a block of a contact with no other conversation is no news', async () => {
  const only: ActorId = await newConversation(pool, await seedAccount(pool));
  await recordDecision(worker, decision(only, { lockContact: 'update', block: { blockId: uuid(), expiresAt: null } }));
  expect(await isAllTold(pool, only.accountId)).toBe(true);
});
