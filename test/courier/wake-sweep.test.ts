import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWakeSweep } from '../../courier/wake-sweep.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { seedAccount } from '../support/account.ts';
import { newConversation } from '../support/conversation-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
let courierPool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.arrangerUrl, max: 2, name: 'test' });
  courierPool = createPool({ url: database.courierUrl, max: 2, name: 'test' });
});
afterAll(async () => {
  await Promise.all([pool.end(), courierPool.end()]);
  await database.drop();
});

test('an actor that can not be started holds up none of the others that are overdue', async () => {
  const account = await seedAccount(pool);
  const ids: string[] = [];
  for (let index = 0; index < 6; index += 1) {
    const { accountId, conversationId } = await newConversation(pool, account);
    const wakeAt = new Date(Date.now() - 60_000 + index);
    await inAccount(pool, accountId, (tx) =>
      tx.query('UPDATE actors SET wake_at = $3 WHERE account_id = $1 AND conversation_id = $2', [
        accountId,
        conversationId,
        wakeAt,
      ]),
    );
    ids.push(conversationId);
  }
  const [bad, ...good] = ids;
  const started: string[] = [];
  const sweep = createWakeSweep({
    pool: courierPool,
    clock: Date.now,
    logger: pino({ level: 'silent' }),
    start(actor) {
      if (actor.conversationId === bad) return Promise.reject(new Error('refused'));
      started.push(actor.conversationId);
      return Promise.resolve();
    },
  });
  await sweep.round();
  expect(started).toEqual(good);
});
