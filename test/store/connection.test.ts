import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let pool: Pool;
let admin: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.apiUrl, max: 1, name: 'test' });
  admin = createPool({ url: database.adminUrl, max: 1, name: 'test-admin' });
});
afterAll(async () => {
  await Promise.all([pool.end(), admin.end()]);
  await database.drop();
});

test('a connection that breaks between two statements fails its transaction, and not the process', async () => {
  const transaction = inAccount(pool, uuid(), async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = rows[0]?.pid;
    await admin.query('SELECT pg_terminate_backend($1)', [pid]);
    await until(async () => (await admin.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount === 0);
    await tx.query('SELECT 1');
  });
  await expect(transaction).rejects.toThrow(/connection/i);
  const { rows } = await inAccount(pool, uuid(), (tx) => tx.query<{ one: number }>('SELECT 1 AS one'));
  expect(rows).toEqual([{ one: 1 }]);
});

test('R26: a connection that was made while the database was read-only is not kept', async () => {
  const { rows } = await admin.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
  const name = rows[0]?.name ?? '';
  const early = createPool({ url: database.workerUrl, max: 1, name: 'test' });
  const accountId = uuid();
  // Any write: it is refused before anybody looks at the row.
  const write = () =>
    inAccount(early, accountId, (tx) =>
      tx.query(`UPDATE conversations SET flagged = true WHERE account_id = $1`, [accountId]),
    );
  await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
  await expect(write()).rejects.toThrow(/read-only/);
  await admin.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
  expect((await write()).rowCount).toBe(0);
  await early.end();
});
