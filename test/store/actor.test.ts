import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadActor } from '../../store/actor.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { seedAccount } from '../support/account.ts';
import { newConversation, writeMessage } from '../support/conversation-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.arrangerUrl, max: 2, name: 'test' });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Ten rows, all handed to a run that is gone; then a run begins with these in hand. Where does the courier stand? */
async function cursorAfterLoad(inHand: { first: number; last: number } | null): Promise<number> {
  const account = await seedAccount(pool);
  const id = await newConversation(pool, account);
  for (let row = 0; row < 10; row += 1) await writeMessage(pool, id, 'hello');
  return inAccount(pool, id.accountId, async (tx) => {
    const values = [id.accountId, id.conversationId];
    await tx.query(
      'UPDATE mailboxes SET handed_seq = 10, waiting_at = NULL WHERE account_id = $1 AND conversation_id = $2',
      values,
    );
    const run = { runId: uuid(), build: 'test', inHand, now: new Date() };
    await loadActor(tx, id.accountId, id.conversationId, run);
    const { rows } = await tx.query<{ handed_seq: number }>(
      'SELECT handed_seq FROM mailboxes WHERE account_id = $1 AND conversation_id = $2',
      values,
    );
    return rows[0]?.handed_seq ?? -1;
  });
}

test('R1: rows that were handed to a run that is gone are handed over again', async () => {
  expect(await cursorAfterLoad(null)).toBe(0);
  expect(await cursorAfterLoad({ first: 4, last: 10 })).toBe(0);
});

test('R1: also where a stale batch of them is in hand, and not the last ones', async () => {
  expect(await cursorAfterLoad({ first: 1, last: 3 })).toBe(0);
});

test('a run that has them all in hand needs no second sending', async () => {
  expect(await cursorAfterLoad({ first: 1, last: 10 })).toBe(10);
});
