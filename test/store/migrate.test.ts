import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../../store/connection.ts';
import { createLogins, migrate, roleUrls } from '../../store/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

describe('migrations', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  /** A database without our schema, so that there is something to migrate. */
  async function withEmptyDatabase(work: (url: string) => Promise<void>): Promise<void> {
    const admin = createPool({ url: database.adminUrl, max: 1, name: 'test' });
    const name = `baton_test_empty_${process.pid}_${Math.trunc(performance.now())}`;
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(database.adminUrl);
    url.pathname = `/${name}`;
    try {
      await work(url.href);
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    }
  }

  it('two at once both succeed, and each migration is applied once', () =>
    withEmptyDatabase(async (url) => {
      const [one, other] = await Promise.all([migrate(url), migrate(url)]);
      expect(one.length === 0 || other.length === 0).toBe(true);
      expect([...one, ...other][0]).toBe('0001_accounts');
      expect(await migrate(url)).toEqual([]);
    }));

  it('a failing one leaves nothing behind', () =>
    withEmptyDatabase(async (url) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query('CREATE TABLE outbound ()'); // in the way of a later migration
      await expect(migrate(url)).rejects.toThrow('relation "outbound" already exists');
      const tables = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`);
      expect(tables.rows).toEqual([{ tablename: 'migrations' }, { tablename: 'outbound' }]);
      await client.end();
    }));

  it('logins can be given by many at once, and each role logs in as itself', async () => {
    const passwords = { api: 'baton', worker: 'baton', courier: 'baton' };
    await Promise.all(Array.from({ length: 8 }, () => createLogins(database.adminUrl, passwords)));
    const urls = roleUrls(database.adminUrl, passwords);
    for (const [url, role] of [
      [urls.api, 'baton_api'],
      [urls.worker, 'baton_worker'],
      [urls.courier, 'baton_courier'],
    ] as const) {
      const pool = createPool({ url, max: 1, name: 'test' });
      expect((await pool.query('SELECT current_user AS role')).rows).toEqual([{ role }]);
      await pool.end();
    }
  });

  it('whoever logs in as a role of ours can forget no transaction open, by whatever client', async () => {
    const passwords = { api: 'baton', worker: 'baton', courier: 'baton' };
    await createLogins(database.adminUrl, passwords);
    for (const connectionString of Object.values(roleUrls(database.adminUrl, passwords))) {
      const client = new pg.Client({ connectionString });
      await client.connect();
      const { rows } = await client.query<object>('SHOW idle_in_transaction_session_timeout');
      expect(rows).toEqual([{ idle_in_transaction_session_timeout: '10s' }]);
      await client.end();
    }
  });
});
