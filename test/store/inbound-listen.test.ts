import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool, type Pool } from '../../store/connection.ts';
import { listen } from '../../store/listen.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let admin: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = createPool({ url: database.adminUrl, max: 2, name: 'test-admin' });
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

it('notifications are heard, and after a lost connection it listens again and says that something may have been missed', async () => {
  const events = new EventEmitter();
  const heard: (string | null)[] = [];
  const failures: unknown[] = [];
  const listener = listen({
    url: database.courierUrl,
    channel: 'baton_inbox',
    name: 'test-listener',
    heard: (payload) => {
      heard.push(payload);
      events.emit('heard');
    },
    failed: (error) => failures.push(error),
  });
  await listener.ready;
  expect(heard).toEqual([null]);
  const notify = async (payload: string): Promise<void> => {
    const next = once(events, 'heard');
    await admin.query('SELECT pg_notify($1, $2)', ['baton_inbox', payload]);
    await next;
  };
  await notify('one');
  const again = once(events, 'heard');
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test-listener'`);
  await again;
  await notify('two');
  expect(heard).toEqual([null, 'one', null, 'two']);
  expect(failures).toHaveLength(1);
  await listener.stop();
  const connections = async (): Promise<number | null> =>
    (await admin.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'test-listener'`)).rowCount;
  await expect.poll(connections).toBe(0);
});

it('can be stopped while the server is out of reach', async () => {
  const failed = new EventEmitter();
  const listener = listen({
    url: 'postgres://nobody@127.0.0.1:1/none',
    channel: 'baton_inbox',
    name: 'test-listener',
    heard: () => undefined,
    failed: () => failed.emit('failed'),
  });
  await once(failed, 'failed');
  await expect(listener.stop()).resolves.toBeUndefined();
});
