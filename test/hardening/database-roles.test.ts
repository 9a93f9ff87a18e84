/**
 * Least privilege, from the side of whoever has come to speak SQL as one of the processes: row-level security can't be
 * switched off, stepped round or tricked, and no other role's rights can be had. Which rights the roles do have stands in
 * `test/store/rights.test.ts`; that they reach their own account alone, in `test/store/row-security.test.ts`.
 */
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashToken } from '../../api/tokens.ts';
import { column, fillEveryTable, type Table } from '../store/catalog.ts';
import { required } from '../support/required.ts';
import { withDatabase } from '../support/with-database.ts';

const setting = withDatabase();
const [own, other] = [uuid(), uuid()];
const key = 'bk_of_the_other_account';
let tables: Table[];
let rolesOfServer: string[];
let definers: { name: string; owner: string }[];

beforeAll(async () => {
  tables = await fillEveryTable(setting.admin, [own, other]);
  await setting.admin.query('UPDATE api_keys SET hash = $1 WHERE account_id = $2', [hashToken(key), other]);
  // Other tests on this server make roles of their own, and drop them.
  rolesOfServer = await column(
    setting.admin,
    `SELECT rolname FROM pg_roles WHERE NOT starts_with(rolname, 'test_canary') ORDER BY 1`,
  );
  const { rows } = await setting.admin.query<{ name: string; owner: string }>(
    `SELECT p.oid::regprocedure::text AS name, r.rolname AS owner FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
     WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef ORDER BY 1`,
  );
  definers = rows;
});

const denied = '42501';

describe.each(['api', 'worker', 'courier'] as const)('whoever speaks as the %s', (name) => {
  const role = `baton_${name}`;
  let client: pg.Client;
  beforeAll(async () => {
    client = new pg.Client({ connectionString: setting.database[`${name}Url`] });
    await client.connect();
    await client.query("SELECT set_config('baton.account', $1, false)", [own]);
  });
  afterAll(() => client.end());

  /** What became of it: the code of the refusal, or how many rows. */
  const tried = async (statement: string): Promise<string> => {
    try {
      const { rowCount } = await client.query(statement);
      return `${rowCount ?? 0} rows`;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };

  const expectDenied = async (statements: string[]): Promise<void> => {
    const answers = [];
    for (const statement of statements) answers.push([statement, await tried(statement)]);
    expect(answers).toEqual(statements.map((statement) => [statement, denied]));
  };

  test('R19: gets an error, and no row more, with row_security off', async () => {
    if (name === 'courier') return;
    await client.query('SET row_security = off');
    for (const table of tables) {
      // Where every policy shows all, there is nothing to switch off; the account's own are no such.
      expect([table.name, await tried(`SELECT ${table.account} FROM ${table.name}`)]).toEqual([table.name, denied]);
    }
    await client.query('RESET row_security');
  });

  test('R19: changes no table’s row security, and no policy', async () => {
    await expectDenied(
      tables.flatMap(({ name: table }) => [
        `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
        `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`,
        `ALTER TABLE ${table} OWNER TO ${role}`,
        `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
        `CREATE POLICY mine ON ${table} USING (true)`,
        `TRUNCATE ${table}`,
      ]),
    );
    const policies = await setting.admin.query<{ policy: string; table: string }>(
      'SELECT policyname AS policy, tablename AS "table" FROM pg_policies',
    );
    await expectDenied(
      policies.rows.flatMap(({ policy, table }) => [
        `ALTER POLICY ${policy} ON ${table} USING (true)`,
        `DROP POLICY ${policy} ON ${table}`,
      ]),
    );
  });

  test('becomes nobody else, and gives itself nothing', async () => {
    const others = rolesOfServer.filter((one) => one !== role);
    expect(others).toEqual(expect.arrayContaining(['baton_lookup', 'baton_exports']));
    await expectDenied(
      others.flatMap((one) => [`SET ROLE ${one}`, `SET SESSION AUTHORIZATION ${one}`, `GRANT ${one} TO ${role}`]),
    );
    await expectDenied([
      `ALTER ROLE ${role} BYPASSRLS`,
      `ALTER ROLE ${role} SUPERUSER`,
      'CREATE ROLE mine',
      `ALTER DEFAULT PRIVILEGES FOR ROLE baton_lookup GRANT ALL ON TABLES TO ${role}`,
      'SET session_replication_role = replica',
    ]);
  });

  test('makes nothing that others would run, and reads no file', async () => {
    await expectDenied([
      'CREATE TABLE public.mine (x int)',
      'CREATE SCHEMA mine',
      `CREATE FUNCTION public.ms_of(text) RETURNS bigint LANGUAGE sql AS 'SELECT 1'`,
      'CREATE EXTENSION pg_stat_statements',
      'CREATE DATABASE mine',
      `COPY (SELECT 1) TO PROGRAM 'true'`,
      `COPY (SELECT 1) TO '/tmp/mine'`,
      `SELECT pg_read_file('pg_hba.conf')`,
      `SELECT lo_import('/etc/passwd')`,
      'SELECT rolpassword FROM pg_authid',
      'SELECT pg_reload_conf()',
    ]);
  });

  test('makes no function its own that runs as another role, and changes none', async () => {
    await expectDenied(
      definers.flatMap(({ name: routine }) => [
        `ALTER FUNCTION ${routine} SECURITY INVOKER`,
        `ALTER FUNCTION ${routine} RESET search_path`,
        `ALTER FUNCTION ${routine} OWNER TO ${role}`,
        `DROP FUNCTION ${routine}`,
      ]),
    );
    await expectDenied([`SELECT run_as('baton_lookup', 'ms_of(timestamptz)', '${role}')`]);
  });
});

describe('a function that runs as another role', () => {
  test('finds no table, function or operator of its caller’s, whatever the search path', async () => {
    const client = new pg.Client({ connectionString: setting.database.apiUrl });
    await client.connect();
    try {
      const digest = hashToken(key);
      const asked = () =>
        client.query<{ account_id: string }>('SELECT account_id FROM public.find_api_key($1)', [digest]);
      expect(required((await asked()).rows[0]).account_id).toBe(other);
      await client.query('BEGIN');
      for (const { name } of tables) await client.query(`CREATE TEMP TABLE ${name} AS SELECT 1 AS planted`);
      await client.query(
        `CREATE FUNCTION pg_temp.same(bytea, bytea) RETURNS boolean LANGUAGE sql AS 'SELECT true';
         CREATE OPERATOR pg_temp.= (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = pg_temp.same);
         SET search_path = pg_temp, public`,
      );
      expect((await asked()).rows.map((row) => row.account_id)).toEqual([other]);
      expect((await client.query('SELECT * FROM public.find_api_key($1)', [hashToken('none')])).rows).toEqual([]);
    } finally {
      await client.end();
    }
  });
});
