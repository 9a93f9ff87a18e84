/** What the table of tables calls append-only, nobody who runs can change or delete; the table's list is the only one. */
import { readFile } from 'node:fs/promises';
import { v7 as uuid } from 'uuid';
import { beforeAll, expect, test } from 'vitest';
import { createPool, inAccount } from '../../store/connection.ts';
import { column, rightsOf } from './catalog.ts';
import { withDatabase } from '../support/with-database.ts';

const setting = withDatabase();
let appendOnly: string[];
beforeAll(async () => {
  appendOnly = await listed();
});

const changesThatAreRight: Record<string, string[]> = {
  // A receipt that came before its message is joined with it later; what it says stays as it came.
  baton_worker: ['receipts: UPDATE (conversation_id, seq, raised, xid, feed_id)'],
  // Of a checkpoint that was never signed (its policy says so).
  baton_exports: ['checkpoint_heads: DELETE'],
  // Erasing a contact takes words and networks' ids, and of receipts those that belong to no message.
  baton_erasure: [
    'comments: UPDATE (text)',
    'inbox: UPDATE (external_id)',
    'outbound_parts: UPDATE (provider_id)',
    'receipts: DELETE',
    'receipts: UPDATE (provider_id, external_id)',
  ],
};

/** Of the rows `| tables | kind | what |` of ARCHITECTURE.md, those whose kind is append-only. */
async function listed(): Promise<string[]> {
  const page = await readFile(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (`[^|]+`) \| ([^|]+) \|/gm)];
  const kept = rows.filter(([, , kind]) => kind?.includes('append-only'));
  return kept.flatMap(([, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)).toSorted();
}

const roles = (): Promise<string[]> =>
  column(setting.admin, `SELECT rolname FROM pg_roles WHERE starts_with(rolname, 'baton_') ORDER BY 1`);

const isChange = (right: string): boolean => !/: (?:SELECT|INSERT)\b/.test(right);

test('no role of ours has a right to change, delete or empty one of them', async () => {
  expect(appendOnly).toContain('domain_events');
  for (const role of await roles()) {
    const rights = await rightsOf(setting.admin, role);
    const changes = rights.filter((right) => appendOnly.includes(right.split(':')[0] ?? '') && isChange(right));
    expect([role, changes]).toEqual([role, changesThatAreRight[role] ?? []]);
  }
});

test.each(['apiUrl', 'workerUrl', 'courierUrl'] as const)('and none gets through, as %s', async (url) => {
  const pool = createPool({ url: setting.database[url], max: 1, name: 'test' });
  for (const table of appendOnly) {
    for (const change of [
      `UPDATE ${table} SET account_id = account_id`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
      `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
      `DROP TABLE ${table}`,
    ]) {
      const refused = await inAccount(pool, uuid(), (tx) => tx.query(change)).then(
        () => 'done',
        (error: { code?: string }) => error.code,
      );
      expect([change, refused]).toEqual([change, '42501']);
    }
  }
  await pool.end();
});

/** Nothing changes them yet; what comes next (renaming accounts) will. */
const onlyAddedToSoFar = ['accounts'];

test('a table that can only be added to is said to be append-only', async () => {
  const rights = (await Promise.all((await roles()).map((role) => rightsOf(setting.admin, role)))).flat();
  const tablesOf = (some: string[]): Set<string> => new Set(some.map((right) => right.split(':')[0] ?? ''));
  const changed = tablesOf(
    rights.filter((right) => isChange(right) && !Object.values(changesThatAreRight).flat().includes(right)),
  );
  const added = tablesOf(rights.filter((right) => right.includes(': INSERT')));
  const kept = [...added].filter((table) => !changed.has(table));
  expect(kept.toSorted()).toEqual([...appendOnly, ...onlyAddedToSoFar].toSorted());
});
