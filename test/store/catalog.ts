/** What Postgres itself says of tables, functions, roles and rights: tests that walk it cover later tables by construction. */
import type { Pool } from '../../store/connection.ts';

/** Of the whole installation and of no account. */
export const tablesWithoutAccount = ['feed_generation', 'migrations'];

export interface Table {
  name: string;
  /** The column that says whose a row is. */
  account: 'account_id' | 'id';
}

async function tablesOfAccounts(admin: Pool): Promise<Table[]> {
  const names = await column(
    admin,
    `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`,
  );
  const own = names.filter((name) => !tablesWithoutAccount.includes(name));
  return own.map((name) => ({ name, account: name === 'accounts' ? 'id' : 'account_id' }));
}

/** Rights of a role, PUBLIC's included, as `table: SELECT (column, …)`; without columns where it has the right to all. */
export async function rightsOf(admin: Pool, role: string): Promise<string[]> {
  return column(
    admin,
    `SELECT format('%s: %s%s', c.relname, p.name,
                   CASE WHEN NOT has_table_privilege($1, c.oid, p.name) THEN format(' (%s)', string_agg(a.attname, ', ' ORDER BY a.attnum)) END)
     FROM pg_class c
       CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p(name)
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         AND p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
         AND has_column_privilege($1, c.oid, a.attnum, CASE WHEN p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') THEN p.name ELSE 'SELECT' END)
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
     GROUP BY c.oid, c.relname, p.name
     HAVING has_table_privilege($1, c.oid, p.name) OR count(a.attname) > 0
     ORDER BY 1`,
    [role],
  );
}

/** All that a role may do with each table, a line for each: `table: SELECT, UPDATE (column, …)`. */
export async function rightsByTable(admin: Pool, role: string): Promise<string[]> {
  const byTable = new Map<string, string[]>();
  for (const right of await rightsOf(admin, role)) {
    const [table = '', what = ''] = right.split(': ');
    byTable.set(table, [...(byTable.get(table) ?? []), what]);
  }
  return [...byTable].map(([table, rights]) => `${table}: ${rights.join(', ')}`);
}

/** `table.column` of what can hold something of a person → whose: customer's or colleague's. As the migrations say. */
export async function personalColumns(admin: Pool): Promise<Map<string, string>> {
  const { rows } = await admin.query<{ name: string; whose: string }>(
    `SELECT format('%s.%s', c.relname, a.attname) AS name, substring(d.description FROM '^personal: (customer|colleague): ') AS whose
     FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
     WHERE d.classoid = 'pg_class'::regclass AND c.relnamespace = 'public'::regnamespace AND d.description LIKE 'personal:%'`,
  );
  return new Map(rows.map(({ name, whose }) => [name, whose]));
}

/** The first column of each row. */
export async function column(db: Pick<Pool, 'query'>, text: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await db.query<string[]>({ text, values, rowMode: 'array' });
  return rows.map(([first = '']) => first);
}

/** The statement that inserts a row of this account (`$1`): any values that the columns take. Throws at a type unknown here. */
export async function insertAny(admin: Pool, table: Table): Promise<string> {
  const { rows } = await admin.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND attnotnull AND NOT atthasdef`,
    [table.name],
  );
  const columns = rows.map(({ name, type }) => [name, name === table.account ? '$1' : anyOf(type)]);
  return `INSERT INTO ${table.name} (${columns.map(([name]) => name).join()}) VALUES (${columns.map(([, value]) => value).join()})`;
}

function anyOf(type: string): string {
  const value = anything[type];
  if (value === undefined) throw new Error(`a value for columns of type ${type} is missing here`);
  return value;
}

const anything: Record<string, string> = {
  uuid: 'gen_random_uuid()',
  text: 'gen_random_uuid()::text',
  'text[]': `'{}'`,
  bytea: 'uuid_send(gen_random_uuid())',
  integer: '1',
  bigint: '1',
  xid8: `'1'`,
  boolean: 'true',
  jsonb: `'{}'`,
  json: `'{}'`,
  'timestamp with time zone': `'2026-11-22T09:00:00Z'`,
};

/** A row of each of these accounts in every table, held together by nothing: keys and checks are lifted in this database. */
export async function fillEveryTable(admin: Pool, accountIds: string[]): Promise<Table[]> {
  const tables = await tablesOfAccounts(admin);
  const checks = await column(
    admin,
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
     WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace`,
  );
  for (const statement of checks) await admin.query(statement);
  for (const table of tables) {
    await admin.query(`ALTER TABLE ${table.name} DISABLE TRIGGER USER`);
    for (const id of accountIds) await admin.query(await insertAny(admin, table), [id]);
  }
  return tables;
}
