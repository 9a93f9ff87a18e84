/** What operators watch: the feed's lag, and what waits, failed or is overdue. */
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../store/connection.ts';
import { Chat } from '../activities/chat.ts';
import { until } from '../support/until.ts';
import { createTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let chat: Chat;
const clock = { aheadMs: 0 };

beforeAll(async () => {
  api = await createTestApi({ deps: { clock: () => Date.now() + clock.aheadMs } });
  chat = await Chat.begin(api.pool, await api.account());
});
afterAll(() => api.close());

async function signs(): Promise<Record<string, number>> {
  const { text } = await api.call(null, 'GET', '/metrics');
  const lines = text.matchAll(/^baton_(\w+) (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, name = '', value]): [string, number] => [name, Number(value)]));
}

const comment = () =>
  chat.query(
    `INSERT INTO comments (account_id, id, conversation_id, visibility, text, created_at)
     VALUES ($1, $2, $3, 'agents', 'x', now())`,
    [chat.actor.accountId, uuid(), chat.actor.conversationId],
  );

test('the feed lags while a transaction is left open, in any database of the server, and no longer', async () => {
  // Other tests share the server, and their transactions end.
  await until(async () => (await signs())['feed_held_rows'] === 0);
  const elsewhere = new URL(api.database.adminUrl);
  elsewhere.pathname = '/postgres';
  const forgotten = new pg.Client({ connectionString: elsewhere.href });
  await forgotten.connect();
  await forgotten.query('BEGIN');
  await forgotten.query('SELECT pg_current_xact_id()');
  await comment();
  await comment();
  clock.aheadMs = 60_000;
  const during = await signs();
  expect(during['feed_held_rows']).toBe(2);
  expect(during['feed_lag_seconds']).toBeGreaterThanOrEqual(60);
  await comment();
  expect((await signs())['feed_held_rows']).toBe(3);

  await forgotten.query('ROLLBACK');
  await forgotten.end();
  await until(async () => (await signs())['feed_held_rows'] === 0);
  expect((await signs())['feed_lag_seconds']).toBe(0);
  clock.aheadMs = 0;
});

test('what waits for people and machines is counted, with the age of the oldest', async () => {
  const { accountId, conversationId } = chat.actor;
  const before = await signs();
  expect(before).toMatchObject({
    dead_letters: 0,
    parked_inputs: 0,
    queue_entries: 0,
    due_actors: 0,
    inbox_backlog: 1,
  });
  await chat.queue('one');
  await chat.query(`UPDATE outbound SET status = 'failed', failure_class = 'auth', settled_at = now()`);
  await chat.query(
    `INSERT INTO parked (account_id, id, conversation_id, error, parked_at) VALUES ($1, $2, $3, 'x', now())`,
    [accountId, uuid(), conversationId],
  );
  await chat.query(
    `INSERT INTO queue_entries (account_id, conversation_id, entry, epoch, group_id, since, waiting_since)
     VALUES ($1, $2, 1, 1, $3, now(), now() - interval '10 minutes')`,
    [accountId, conversationId, chat.account.groupId],
  );
  await chat.query(`UPDATE actors SET wake_at = now() - interval '1 minute'`);
  const after = await signs();
  expect(after).toMatchObject({ dead_letters: 1, parked_inputs: 1, queue_entries: 1, due_actors: 1 });
  expect(after['queue_wait_seconds']).toBeGreaterThanOrEqual(600);
  expect(after['overdue_seconds']).toBeGreaterThanOrEqual(60);

  await chat.query('UPDATE outbound SET retried_as = 2');
  await chat.query('UPDATE parked SET resumed_at = now()');
  expect(await signs()).toMatchObject({ dead_letters: 0, parked_inputs: 0 });
});

test('R18: how far signed checkpoints lag, in the account that lags most; nothing where nobody signs any', async () => {
  const admin = createPool({ url: api.database.adminUrl, max: 1, name: 'test' });
  const hourAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
  const sign = (accountId: string, no: number, hour: Date) =>
    admin.query(`INSERT INTO checkpoints VALUES ($1, $2, $3, '{}', 'key', 'signature', '1', 'here')`, [
      accountId,
      no,
      hour,
    ]);
  const age = async (): Promise<number | undefined> => (await signs())['checkpoint_age_seconds'];
  const other = await Chat.begin(api.pool, await api.account());
  expect(await age()).toBeUndefined();
  await sign(chat.actor.accountId, 1, hourAgo(5));
  await sign(chat.actor.accountId, 2, hourAgo(2));
  expect(await age()).toBeGreaterThanOrEqual(7_200);
  expect(await age()).toBeLessThan(10_800);
  await other.query(
    `INSERT INTO domain_events (account_id, conversation_id, no, type, at, data, link, version, recorded_at)
     VALUES ($1, $2, 1, 'SessionStarted', now(), '{}', 'x', 1, $3)`,
    [other.actor.accountId, other.actor.conversationId, hourAgo(30)],
  );
  expect(await age()).toBeGreaterThanOrEqual(30 * 3_600);
  await sign(other.actor.accountId, 1, hourAgo(1));
  expect(await age()).toBeLessThan(10_800);
  await admin.end();
});

test('with Postgres away the rest is still told, and these are not there rather than wrong', async () => {
  const away = createPool({ url: 'postgres://baton_api@127.0.0.1:1/none', max: 1, name: 'away' });
  const other = await createTestApi({ deps: { pool: away } });
  const { text, status } = await other.call(null, 'GET', '/metrics');
  expect(status).toBe(200);
  expect(text).toContain('process_cpu_seconds_total');
  expect(text).not.toMatch(/^baton_feed_lag_seconds /m);
  await other.close();
});
