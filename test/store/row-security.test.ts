/**
 * R19, B-14: Postgres says again what every query says. With its condition dropped, a statement of API or worker still
 * reaches its own account only, in every table that there is; the narrow roles reach what their work needs.
 */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool, inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { required } from '../support/required.ts';
import { column, fillEveryTable, insertAny, rightsOf, tablesWithoutAccount, type Table } from './catalog.ts';
import { withDatabase } from '../support/with-database.ts';

const setting = withDatabase();
let pools: { api: Pool; worker: Pool; courier: Pool };
let tables: Table[];
const [own, other] = [uuid(), uuid()];

beforeAll(async () => {
  const { apiUrl, workerUrl, courierUrl } = setting.database;
  pools = {
    api: createPool({ url: apiUrl, max: 1, name: 'test-api' }),
    worker: createPool({ url: workerUrl, max: 1, name: 'test-worker' }),
    courier: createPool({ url: courierUrl, max: 1, name: 'test-courier' }),
  };
  tables = await fillEveryTable(setting.admin, [own, other]);
});
afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
});

const denied = '42501';
const undone = new Error('undone');

/** What a statement of this account meets: the accounts of the rows that it reached, or the code of its refusal. */
async function reached(pool: Pool, statement: (tx: Transaction) => Promise<string[]>): Promise<string[] | string> {
  let answer: string[] | string = [];
  await inAccount(pool, own, async (tx) => {
    answer = await statement(tx);
    throw undone;
  }).catch((error: { code?: string }) => {
    if (error !== undone) answer = required(error.code);
  });
  return answer;
}

/** To the column that says whose a row is: by it a statement of the role reaches rows. */
async function mayReach(role: string, right: string, { name, account }: Table): Promise<boolean> {
  const { rows } = await setting.admin.query<{ may: boolean }>(
    `SELECT CASE $3 WHEN 'DELETE' THEN has_table_privilege($1, $2, 'DELETE')
                    ELSE has_column_privilege($1, $2, $4, $3) END AS may`,
    [role, name, right, account],
  );
  return required(rows[0]).may;
}

describe.each(['api', 'worker'] as const)('the %s', (name) => {
  const role = `baton_${name}`;

  test('reads, without a condition, its own account only', async () => {
    for (const table of tables) {
      const seen = await reached(pools[name], (tx) => column(tx, `SELECT ${table.account} FROM ${table.name}`));
      const may = await mayReach(role, 'SELECT', table);
      expect([table.name, seen]).toEqual([table.name, may ? [own] : denied]);
    }
  });

  test.each(['UPDATE', 'DELETE'])('reaches, by %s without a condition, its own account only', async (right) => {
    for (const table of tables) {
      const text =
        right === 'UPDATE'
          ? `UPDATE ${table.name} SET ${table.account} = ${table.account} RETURNING ${table.account}`
          : `DELETE FROM ${table.name} RETURNING ${table.account}`;
      const changed = await reached(pools[name], (tx) => column(tx, text));
      const may = await mayReach(role, right, table);
      expect([table.name, changed]).toEqual([table.name, may ? [own] : denied]);
    }
  });

  test('writes nothing into another account', async () => {
    for (const table of tables) {
      const insert = await insertAny(setting.admin, table);
      const into = (accountId: string) => reached(pools[name], (tx) => column(tx, insert, [accountId]));
      expect([table.name, await into(other)]).toEqual([table.name, denied]);
      const moved = `UPDATE ${table.name} SET ${table.account} = $1`;
      expect([table.name, await reached(pools[name], (tx) => column(tx, moved, [other]))]).toEqual([
        table.name,
        denied,
      ]);
    }
  });

  test('gets an error, and no empty answer, where the account isn’t set', async () => {
    for (const table of tables) {
      if (!(await mayReach(role, 'SELECT', table))) continue;
      // Never set on this connection, or set for an earlier transaction.
      await expect(pools[name].query(`SELECT 1 FROM ${table.name}`)).rejects.toThrow(/baton\.account|uuid/);
    }
    await inAccount(pools[name], own, (tx) => tx.query('SELECT 1 FROM groups'));
    await expect(pools[name].query('SELECT 1 FROM groups')).rejects.toThrow(/baton\.account|uuid/);
  });
});

describe('the narrow roles see what their work needs, and no words', () => {
  test('the courier: places, cursors and wake-ups of every account', async () => {
    expect(await rightsOf(setting.admin, 'baton_courier')).toEqual([
      'actors: SELECT (account_id, conversation_id, seq, wake_at)',
      'idempotency: DELETE',
      'idempotency: SELECT (account_id, key, created_at)',
      'inbox: SELECT (account_id, conversation_id, seq, type, payload, at)',
      'mailboxes: SELECT',
      'mailboxes: UPDATE (handed_seq, waiting_at, leased_until, handed_at)',
    ]);
    const { courier } = pools;
    expect((await column(courier, 'SELECT account_id FROM mailboxes')).toSorted()).toEqual([own, other].toSorted());
    for (const { name } of tables) {
      if (['actors', 'idempotency', 'inbox', 'mailboxes'].includes(name)) continue;
      await expect(courier.query(`SELECT 1 FROM ${name}`)).rejects.toMatchObject({ code: denied });
    }
  });

  test('the sweeps of what stands elsewhere: which runs are at rest, and which accounts want a checkpoint', async () => {
    expect(await rightsOf(setting.admin, 'baton_exports')).toEqual([
      'accounts: SELECT (id)',
      'actors: SELECT (account_id, conversation_id, wake_at)',
      'checkpoint_heads: DELETE',
      'checkpoint_heads: SELECT (account_id, conversation_id, no)',
      'checkpoints: SELECT (account_id, no, hour)',
      'domain_events: SELECT (account_id)',
      'runs: SELECT (account_id, conversation_id, run_id, started_at, exported_at, history_gone_at, export_again_at)',
      'runs: UPDATE (export_again_at)',
    ]);
  });

  test('the look-ups, as which a few functions run and nobody logs in', async () => {
    expect(await rightsOf(setting.admin, 'baton_lookup')).toEqual([
      'accounts: SELECT (id, name, created_at)',
      'actors: SELECT (account_id, conversation_id, seq, wake_at)',
      'agents: SELECT (account_id, id, lease_until, lease_noted)',
      'announcements: SELECT (account_id, made_at)',
      'api_keys: SELECT',
      'checkpoints: SELECT (account_id, no, hour)',
      'comments: SELECT (account_id, conversation_id, agent_id, visibility, text, created_at, xid, feed_id)',
      'contact_notes: SELECT (account_id, contact_id, text)',
      'contacts: SELECT (account_id, id, name)',
      'conversations: SELECT (account_id, id, contact_id)',
      'domain_events: SELECT (account_id, recorded_at, xid, feed_id)',
      'erased_ids: SELECT (account_id, forget_at)',
      'erasures: SELECT (account_id, contact_id, at, finished_at)',
      'feed_generation: SELECT',
      'feed_generation: UPDATE (generation, system_id, attended)',
      'groups: SELECT (account_id, id, hours, closing_told_at)',
      'mailboxes: SELECT (account_id, conversation_id, last_seq, waiting_at, handed_at)',
      'messages: SELECT (account_id, conversation_id, content, position)',
      'outbound: SELECT (status, settled_at, retried_as, discarded_at)',
      'parked: SELECT (resumed_at)',
      'queue_entries: SELECT (account_id, group_id, since, waiting_since)',
      'receipts: SELECT (account_id, at, raised, xid, feed_id)',
      'visitor_sessions: SELECT',
    ]);
  });

  test('whoever makes folds anew: them and what they follow from, and no words', async () => {
    const rights = await rightsOf(setting.admin, 'baton_rebuild');
    expect([...new Set(rights.map((right) => right.split(':')[0]))]).toEqual([
      'actors',
      'agents',
      'assignments',
      'claims',
      'conversations',
      'domain_events',
      'group_marks',
      'handover_requests',
      'inbox',
      'outbound',
      'outbound_attempts',
      'parked',
      'queue_entries',
      'receipts',
      'visitor_stream',
    ]);
    expect(rights).toEqual(
      expect.arrayContaining([
        'agents: SELECT (account_id, id, active)',
        'agents: UPDATE (active)',
        'domain_events: SELECT',
        'handover_requests: SELECT (account_id, conversation_id, id, skill)',
        'inbox: SELECT (account_id, conversation_id, seq)',
        'outbound_attempts: SELECT',
        'parked: SELECT (account_id, conversation_id, seq, resumed_at)',
        'visitor_stream: SELECT (account_id, conversation_id, place)',
      ]),
    );
  });

  test('a policy that shows every account is theirs alone', async () => {
    const open = await column(
      setting.admin,
      `SELECT DISTINCT unnest(roles)::text FROM pg_policies WHERE NOT qual LIKE '%current_setting(''baton.account''::text)%' ORDER BY 1`,
    );
    expect(open).toEqual(['baton_courier', 'baton_exports', 'baton_lookup']);
  });
});

describe('nothing gets round it', () => {
  test('every table with an account forces row security, on its owner too', async () => {
    const without = await column(
      setting.admin,
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1`,
    );
    expect(without.filter((name) => !tablesWithoutAccount.includes(name))).toEqual([]);
  });

  test('every key of a table with an account begins with the account', async () => {
    const otherwise = await column(
      setting.admin,
      `SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
       WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND a.attname IS DISTINCT FROM 'account_id' ORDER BY 1`,
    );
    // Of accounts, of the installation, and hashes of random tokens, which are looked up before the account is known.
    expect(otherwise).toEqual([
      'accounts_pkey',
      'api_keys_hash_key',
      'feed_generation_pkey',
      'migrations_pkey',
      'visitor_sessions_token_hash_key',
    ]);
  });

  test('no role of ours is more than it seems, belongs to another, or may make anything', async () => {
    const { rows } = await setting.admin.query(
      `SELECT rolname FROM pg_roles r WHERE starts_with(rolname, 'baton_') AND (rolsuper OR rolbypassrls OR rolcreaterole
         OR rolcreatedb OR rolreplication OR has_schema_privilege(oid, 'public', 'CREATE')
         OR EXISTS (SELECT 1 FROM pg_auth_members WHERE member = r.oid))`,
    );
    expect(rows).toEqual([]);
    const logins = await column(
      setting.admin,
      `SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'baton_') AND rolcanlogin ORDER BY 1`,
    );
    expect(logins).toEqual(['baton_api', 'baton_courier', 'baton_worker']);
  });

  test('no role that logs in owns anything, and the others own functions alone', async () => {
    const owned = await column(
      setting.admin,
      `SELECT format('%s %s', rolname, classid::regclass) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
       WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o' AND starts_with(rolname, 'baton_')
         AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY 1 ORDER BY 1`,
    );
    expect(owned).toEqual(['baton_erasure pg_proc', 'baton_exports pg_proc', 'baton_lookup pg_proc']);
  });

  test('a function that runs as another role runs as a narrow one, finds no table of the caller’s, and isn’t everybody’s', async () => {
    const { rows } = await setting.admin.query<{ name: string; owner: string; config: string[]; everybody: boolean }>(
      `SELECT p.oid::regprocedure::text AS name, r.rolname AS owner, p.proconfig AS config,
              EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee = 0) AS everybody
       FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
       WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef ORDER BY 1`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { name, owner, config, everybody } of rows) {
      expect({ name, config, everybody }).toEqual({ name, config: ['search_path=public, pg_temp'], everybody: false });
      expect(['baton_erasure', 'baton_exports', 'baton_lookup']).toContain(owner);
    }
  });

  test('there is no view, which would run as its owner', async () => {
    const views = await column(
      setting.admin,
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
         AND NOT coalesce(reloptions @> '{security_invoker=true}', false)`,
    );
    expect(views).toEqual([]);
  });
});
