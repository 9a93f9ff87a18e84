import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { announcePolicy, tellSome } from '../../store/announcements.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { tellAll } from '../support/announcements.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openConversations } from '../support/many-conversations.ts';

const count = 3_000;
const most = 50;
let database: TestDatabase;
let pool: Pool;
let account: SeededAccount;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.arrangerUrl, max: 5, name: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  account = await seedAccount(pool);
  await openConversations(pool, account, count);
});

const announced = (): Promise<void> =>
  inAccount(pool, account.accountId, (tx) => announcePolicy(tx, account.accountId, new Date()));

const batch = (): Promise<boolean> => tellSome(pool, account.accountId, { most, at: new Date() });

/** How many conversations were told how often. */
async function told(): Promise<Record<number, number>> {
  const { rows } = await inAccount(pool, account.accountId, (tx) =>
    tx.query<{ times: number; conversations: number }>(
      `SELECT last_seq AS times, count(*) AS conversations FROM mailboxes WHERE account_id = $1 GROUP BY 1`,
      [account.accountId],
    ),
  );
  return Object.fromEntries(rows.map(({ times, conversations }) => [times, conversations]));
}

describe('News for many conversations', () => {
  test('are told to each of them once, however often whoever tells them is stopped', async () => {
    await announced();
    for (let nth = 0; nth < 10; nth += 1) await batch();
    const stopped = inAccount(pool, account.accountId, async (tx) => {
      await tx.query('SELECT tell_some($1, $2, $3)', [account.accountId, most, new Date()]);
      throw new Error('killed');
    });
    await expect(stopped).rejects.toThrow('killed');
    expect(await told()).toEqual({ 0: count - 10 * most, 1: 10 * most });
    // 50 more that are full, and one that finds nobody left.
    expect(await tellAll(pool, account.accountId, { most })).toBe(51);
    expect(await told()).toEqual({ 1: count });
  });

  test('begin anew with those who had heard the older ones, and reach the others once', async () => {
    await announced();
    for (let nth = 0; nth < 10; nth += 1) await batch();
    await announced();
    await tellAll(pool, account.accountId, { most });
    expect(await told()).toEqual({ 1: count - 10 * most, 2: 10 * most });
  });

  test('are told by one at a time: who comes meanwhile leaves them alone, and whoever announces newer ones waits', async () => {
    await announced();
    let newer: Promise<void> | undefined;
    await inAccount(pool, account.accountId, async (tx) => {
      await tx.query('SELECT tell_some($1, $2, $3)', [account.accountId, most, new Date()]);
      expect(await batch()).toBe(false);
      newer = announced();
    });
    await newer;
    await tellAll(pool, account.accountId, { most });
    expect(await told()).toEqual({ 1: count - most, 2: most });
  });
});
