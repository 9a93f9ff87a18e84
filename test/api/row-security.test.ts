/** Postgres says again what every query says: with the condition dropped, a transaction still sees its own account only. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { inAccount } from '../../store/connection.ts';
import type { SeededAccount } from '../support/account.ts';
import { seedConversation } from './conversation.ts';
import { createTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let admin: pg.Client;
let own: SeededAccount;
let other: SeededAccount;
let tables: string[];

beforeAll(async () => {
  api = await createTestApi();
  admin = new pg.Client({ connectionString: api.database.adminUrl });
  await admin.connect();
  [own, other] = [await api.account(), await api.account()];
  await seedConversation(api.pool, other, { agentId: other.agentIds[0] ?? '', phone: '+491' });
  const found = await admin.query<{ name: string }>(
    `SELECT c.table_name AS name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND c.column_name = 'account_id' AND t.table_type = 'BASE TABLE' ORDER BY 1`,
  );
  tables = found.rows.map(({ name }) => name);
});
afterAll(async () => {
  await admin.end();
  await api.close();
});

test('without its condition a query sees nothing of another account, in any table', async () => {
  expect(tables.length).toBeGreaterThan(25);
  const seen = await inAccount(api.pool, own.accountId, async (tx) => {
    const foreign: string[] = [];
    for (const table of tables) {
      const { rows } = await tx.query<{ may: boolean }>('SELECT has_table_privilege($1, $2) AS may', [table, 'SELECT']);
      const hidden = rows[0]?.may !== true;
      const { rowCount } = hidden
        ? { rowCount: 0 }
        : await tx.query(`SELECT 1 FROM ${table} WHERE account_id <> $1`, [own.accountId]);
      foreign.push(...(rowCount === 0 ? [] : [table]));
    }
    return foreign;
  });
  expect(seen).toEqual([]);
  expect(await inAccount(api.pool, own.accountId, (tx) => tx.query('SELECT id FROM accounts'))).toMatchObject({
    rows: [{ id: own.accountId }],
  });
});

test('without its condition a change reaches nothing of another account', async () => {
  const before = await admin.query('SELECT * FROM groups WHERE account_id = $1', [other.accountId]);
  expect(await inAccount(api.pool, own.accountId, (tx) => tx.query("UPDATE groups SET name = 'mine'"))).toMatchObject({
    rowCount: 1,
  });
  expect((await admin.query('SELECT * FROM groups WHERE account_id = $1', [other.accountId])).rows).toEqual(
    before.rows,
  );
});

test('nothing can be written into another account', async () => {
  const insert = inAccount(api.pool, own.accountId, (tx) =>
    tx.query('INSERT INTO tags (account_id, id, name) VALUES ($1, $2, $3)', [other.accountId, uuid(), 'x']),
  );
  await expect(insert).rejects.toMatchObject({ code: '42501' });
});

test('an account that isn’t set is an error, not an empty answer', async () => {
  for (const table of ['groups', 'contacts', 'accounts']) {
    await expect(api.pool.query(`SELECT 1 FROM ${table}`)).rejects.toThrow(/baton\.account|uuid/);
  }
  // Also on a connection that was bound before.
  const client = await api.pool.connect();
  await client.query('BEGIN');
  await client.query("SELECT set_config('baton.account', $1, true)", [own.accountId]);
  await client.query('COMMIT');
  await expect(client.query('SELECT 1 FROM groups')).rejects.toThrow(/baton\.account|uuid/);
  client.release(true);
});

test('every table with an account forces row security, on its owner too', async () => {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       AND relname = ANY ($1) AND NOT (relrowsecurity AND relforcerowsecurity)`,
    [[...tables, 'accounts']],
  );
  expect(rows).toEqual([]);
});

test('the API’s role is no superuser, can’t get around row security, and owns nothing', async () => {
  const { rows } = await admin.query(
    `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
            (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned
     FROM pg_roles r WHERE rolname = 'baton_api'`,
  );
  expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, owned: 0 }]);
  const { rows: current } = await api.pool.query<{ name: string }>('SELECT current_user AS name');
  expect(current).toEqual([{ name: 'baton_api' }]);
});
