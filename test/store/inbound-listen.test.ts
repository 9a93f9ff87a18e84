import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import { createPool } from '../../store/connection.ts';
import { listen } from '../../store/listen.ts';
import { withDatabase } from '../support/with-database.ts';

const setting = withDatabase();

it('notifications are heard, and after a lost connection it listens again and says that something may have been missed', async () => {
  const events = new EventEmitter();
  const heard: string[] = [];
  const failures: unknown[] = [];
  const pool = createPool({ url: setting.database.courierUrl, max: 1, name: 'test-listener' });
  const hear = (what: string): void => {
    heard.push(what);
    events.emit('heard');
  };
  const listener = listen({
    pool,
    channels: ['baton_inbox', 'baton_feed'],
    heard: (channel, payload) => hear(`${channel}: ${payload}`),
    listening: () => hear('listens'),
    failed: (error) => failures.push(error),
  });
  await listener.ready;
  expect(heard).toEqual(['listens']);
  const notify = async (channel: string, payload: string): Promise<void> => {
    const next = once(events, 'heard');
    await setting.admin.query('SELECT pg_notify($1, $2)', [channel, payload]);
    await next;
  };
  await notify('baton_inbox', 'one');
  const again = once(events, 'heard');
  await setting.admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test-listener'`,
  );
  await again;
  await notify('baton_feed', 'two');
  expect(heard).toEqual(['listens', 'baton_inbox: one', 'listens', 'baton_feed: two']);
  expect(failures).toHaveLength(1);
  await listener.stop();
  const connections = async (): Promise<number | null> =>
    (await setting.admin.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'test-listener'`)).rowCount;
  await expect.poll(connections).toBe(0);
  await pool.end();
});

it('can be stopped while the server is out of reach', async () => {
  const failed = new EventEmitter();
  const pool = createPool({ url: 'postgres://nobody@127.0.0.1:1/none', max: 1, name: 'test-listener' });
  const listener = listen({
    pool,
    channels: ['baton_inbox'],
    heard: () => undefined,
    listening: () => undefined,
    failed: () => failed.emit('failed'),
  });
  await once(failed, 'failed');
  await expect(listener.stop()).resolves.toBeUndefined();
  await pool.end();
});
