import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { createPool, inAccount, type Pool, readInAccount, type Transaction } from '../../store/connection.ts';
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

test('statements that are not waited for one by one are carried out in their order, in one transaction of the account', async () => {
  const accountId = uuid();
  const answers = await inAccount(pool, accountId, (tx) =>
    Promise.all([
      tx.query<{ account: string; xid: string }>(
        `SELECT current_setting('baton.account') AS account, pg_current_xact_id()::text AS xid`,
      ),
      tx.query<{ xid: string }>(`SELECT pg_current_xact_id_if_assigned()::text AS xid`),
    ]),
  );
  const [first, second] = answers.map(({ rows }) => rows[0]);
  expect(first).toMatchObject({ account: accountId });
  expect(second?.xid).toBe(first?.xid);
});

test('where one of them fails, all that the transaction did is undone, and the first failure is told', async () => {
  const accountId = uuid();
  const transaction = inAccount(admin, accountId, (tx) =>
    Promise.all([
      tx.query(`INSERT INTO accounts (id, name, created_at) VALUES ($1, 'Undone', '2026-01-01Z')`, [accountId]),
      tx.query('SELECT 1 / 0'),
      tx.query(`UPDATE accounts SET name = 'Never' WHERE id = $1`, [accountId]),
    ]),
  );
  await expect(transaction).rejects.toThrow('division by zero');
  expect((await admin.query('SELECT 1 FROM accounts WHERE id = $1', [accountId])).rowCount).toBe(0);
});

test('a transaction that could not be bound to its account tells why, and does nothing', async () => {
  const transaction = inAccount(pool, 'no\0account', (tx) => tx.query('SELECT 1'));
  await expect(transaction).rejects.toThrow(/invalid byte sequence|0x00/);
  const { rows } = await inAccount(pool, uuid(), (tx) => tx.query<{ one: number }>('SELECT 1 AS one'));
  expect(rows).toEqual([{ one: 1 }]);
});

test('a reading of several statements sees its account, and nothing can be written in it', async () => {
  const accountId = uuid();
  const ask = (text: string) => (tx: Transaction) => tx.query<{ answer: string }>(text);
  const both = await readInAccount(pool, accountId, (tx) =>
    Promise.all([ask(`SELECT current_setting('baton.account') AS answer`)(tx), ask('SELECT 2 AS answer')(tx)]),
  );
  expect(both.map(({ rows }) => rows[0]?.answer)).toEqual([accountId, 2]);
  await expect(readInAccount(pool, accountId, ask('DELETE FROM tags'))).rejects.toThrow(/read-only/);
  await expect(readInAccount(pool, accountId, ask('SELECT 1 / 0'))).rejects.toThrow('division by zero');
  await expect(readInAccount(pool, 'no\0account', ask('SELECT 1'))).rejects.toThrow(/invalid byte sequence|0x00/);
  expect((await inAccount(pool, accountId, ask('SELECT 3 AS answer'))).rows[0]?.answer).toBe(3);
});

test('what a reading says later than at once is bound to no account, and fails', async () => {
  const reading = readInAccount(pool, uuid(), async (tx) => {
    await tx.query('SELECT 1');
    return tx.query('SELECT count(*) FROM tags');
  });
  await expect(reading).rejects.toThrow(/uuid|baton\.account/);
});

test('a connection that breaks within a reading fails it, and is not kept', async () => {
  const broken = readInAccount(admin, uuid(), (tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
  await expect(broken).rejects.toThrow(/terminat/i);
  expect((await readInAccount(admin, uuid(), (tx) => tx.query('SELECT 1'))).rowCount).toBe(1);
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
