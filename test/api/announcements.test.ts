/** News for thousands of conversations, with the API as it runs: nobody else waits for them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { openConversations } from '../support/many-conversations.ts';
import { isAllTold } from '../support/announcements.ts';
import { until } from '../support/until.ts';
import { createTestApi, type TestApi } from './test-api.ts';

const count = 3_000;
let api: TestApi;
beforeAll(async () => (api = await createTestApi()));
afterAll(() => api.close());

test('a flood of new policies keeps no reader from a connection, and each open conversation hears of the last', async () => {
  const account = await api.account();
  const other = await api.account();
  await openConversations(api.pool, account, count);
  const { notices } = (await api.call(account.key, 'GET', '/v1/policy')).body;
  const routing = { default: { kind: 'group', groupId: account.groupId } };
  const texts = { ...notices, 'form-question': undefined };

  const writes = Array.from({ length: 50 }, () =>
    api.call(account.key, 'PUT', '/v1/policy', { notices: texts, routing }),
  );
  const reads = Array.from({ length: 50 }, () => api.call(other.key, 'GET', '/v1/policy'));
  expect(new Set((await Promise.all(reads)).map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set((await Promise.all(writes)).map(({ status }) => status))).toEqual(new Set([200]));

  await handedOverUntilAllTold(account.accountId);
  const { rows } = await inAccount(api.pool, account.accountId, (tx) =>
    tx.query<{ untold: number }>(
      `SELECT count(*) AS untold FROM mailboxes m WHERE account_id = $1 AND NOT EXISTS (
         SELECT 1 FROM inbox WHERE account_id = $1 AND conversation_id = m.conversation_id AND type = 'PolicyChanged')`,
      [account.accountId],
    ),
  );
  expect(rows).toEqual([{ untold: 0 }]);
});

/** No courier runs here, and what waits for it would hold the rest back. */
async function handedOverUntilAllTold(accountId: string): Promise<void> {
  await until(async () => {
    await inAccount(api.pool, accountId, (tx) =>
      tx.query(
        `UPDATE mailboxes SET handed_seq = last_seq, waiting_at = NULL WHERE account_id = $1 AND conversation_id IN (
           SELECT conversation_id FROM mailboxes WHERE account_id = $1 AND waiting_at IS NOT NULL
           ORDER BY conversation_id FOR UPDATE)`,
        [accountId],
      ),
    );
    return isAllTold(api.pool, accountId);
  });
}
