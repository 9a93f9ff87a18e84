import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool, inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { markGroupsOfAgent } from '../../store/agents.ts';
import { markGroup } from '../../store/groups.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { somebodyWaits } from '../support/lock-waits.ts';
import { required } from '../support/required.ts';

let database: TestDatabase;
let api: Pool;
let matcher: Pool;
let account: SeededAccount;
beforeAll(async () => {
  database = await createTestDatabase();
  api = createPool({ url: database.apiUrl, max: 4, name: 'test-api' });
  // There is none yet: who may delete marks here is the one who arranges.
  matcher = createPool({ url: database.arrangerUrl, max: 4, name: 'test-matcher' });
});
beforeEach(async () => {
  account = await seedAccount(matcher, { agents: 1 });
});
afterAll(async () => {
  await Promise.all([api.end(), matcher.end()]);
  await database.drop();
});

const at = new Date();
const mark = (tx: Transaction) => markGroup(tx, account.accountId, account.groupId, at);
const deleteMarks = async (tx: Transaction) =>
  (await tx.query('DELETE FROM group_marks WHERE account_id = $1', [account.accountId])).rowCount;
const marks = () =>
  inAccount(matcher, account.accountId, async (tx) => (await tx.query('SELECT 1 FROM group_marks')).rowCount);

test('a group in which a hundred things happen before anybody looks has one mark', async () => {
  const { accountId, agentIds } = account;
  await inAccount(api, accountId, mark);
  const each = (_: unknown, index: number) =>
    inAccount(api, accountId, (tx) =>
      index % 2 === 0 ? mark(tx) : markGroupsOfAgent(tx, accountId, required(agentIds[0]), at),
    );
  await Promise.all(Array.from({ length: 100 }, each));
  expect(await marks()).toBe(1);
});

test('a matcher waits for a change that needed no mark of its own, and sees it', async () => {
  const { accountId } = account;
  await inAccount(api, accountId, mark);
  let seen: Promise<unknown> | undefined;
  await inAccount(api, accountId, async (tx) => {
    await mark(tx);
    await tx.query(`UPDATE agents SET name = 'changed' WHERE account_id = $1`, [accountId]);
    seen = inAccount(matcher, accountId, async (other) => {
      await deleteMarks(other);
      return (await other.query<{ name: string }>('SELECT name FROM agents')).rows;
    });
    await somebodyWaits(matcher);
  });
  expect(await seen).toEqual([{ name: 'changed' }]);
  expect(await marks()).toBe(0);
});

test('a change beside a matcher that deletes the mark waits for nobody, and leaves one of its own', async () => {
  const { accountId } = account;
  await inAccount(api, accountId, mark);
  await inAccount(matcher, accountId, async (tx) => {
    expect(await deleteMarks(tx)).toBe(1);
    await inAccount(api, accountId, mark);
  });
  expect(await marks()).toBe(1);
});

test('two changes of one group don’t wait for each other', async () => {
  const { accountId } = account;
  await inAccount(api, accountId, mark);
  await inAccount(api, accountId, async (tx) => {
    await mark(tx);
    await inAccount(api, accountId, mark);
  });
  expect(await marks()).toBe(1);
});
