/** Tags of conversations: a name by an id, so that a renamed tag is the same tag. */
import type { Transaction } from './connection.ts';
import { containing, db, type Page, run } from './queries.ts';

export interface TagRow {
  id: string;
  name: string;
}

/** False: the name is taken. */
export async function insertTag(tx: Transaction, accountId: string, { id, name }: TagRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO tags (account_id, id, name) VALUES ($1, $2, $3)
     ON CONFLICT (account_id, lower(name)) WHERE deleted_at IS NULL DO NOTHING`,
    [accountId, id, name],
  );
  return rowCount === 1;
}

function select(accountId: string) {
  return db
    .selectFrom('tags')
    .select(['id', 'name'])
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null);
}

export function listTags(
  tx: Transaction,
  accountId: string,
  { q }: { q: string | undefined },
  { limit, after }: Page,
): Promise<TagRow[]> {
  let query = select(accountId);
  if (q !== undefined) {
    query = query.where('name', 'ilike', containing(q));
  }
  if (after !== null) {
    query = query.where('id', '>', after);
  }
  return run(tx, query.orderBy('id').limit(limit + 1));
}

export async function findTag(tx: Transaction, accountId: string, id: string): Promise<TagRow | null> {
  return (await run(tx, select(accountId).where('id', '=', id)))[0] ?? null;
}

/** Throws 23505 if another tag has the name. */
export async function renameTag(tx: Transaction, accountId: string, { id, name }: TagRow): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE tags SET name = $3 WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL',
    [accountId, id, name],
  );
  return rowCount === 1;
}

export async function deleteTag(tx: Transaction, accountId: string, id: string, at: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE tags SET deleted_at = $3 WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL',
    [accountId, id, at],
  );
  return rowCount === 1;
}

/** Which of these are tags of the account that are in use. */
export async function existingTags(tx: Transaction, accountId: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>({
    name: 'existing-tags',
    text: 'SELECT id FROM tags WHERE account_id = $1 AND id = ANY ($2) AND deleted_at IS NULL',
    values: [accountId, ids],
  });
  return rows.map(({ id }) => id);
}
