/** Groups: agents who serve the same queue, with its skills and opening hours. */
import type { Transaction } from './connection.ts';
import type { Hours } from './hours.ts';
import { db, json, type Page, run } from './queries.ts';

export interface GroupRow {
  id: string;
  name: string;
  skills: string[];
  /** null: always open */
  hours: Hours | null;
  createdAt: Date;
}

export interface GroupValues {
  name: string;
  skills: string[];
  hours: Hours | null;
}

export async function insertGroup(
  tx: Transaction,
  accountId: string,
  { id, name, skills, hours, at }: GroupValues & { id: string; at: Date },
): Promise<void> {
  await tx.query(
    'INSERT INTO groups (account_id, id, name, skills, hours, created_at) VALUES ($1, $2, $3, $4, $5, $6)',
    [accountId, id, name, skills, hours === null ? null : json(hours), at],
  );
}

function select(accountId: string) {
  return db
    .selectFrom('groups')
    .select(['id', 'name', 'skills', 'created_at as createdAt'])
    .select(({ ref }) => ref('hours').$castTo<Hours | null>().as('hours'))
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null);
}

export function listGroups(tx: Transaction, accountId: string, { limit, after }: Page): Promise<GroupRow[]> {
  let query = select(accountId);
  if (after !== null) {
    query = query.where('id', '>', after);
  }
  return run(tx, query.orderBy('id').limit(limit + 1));
}

export async function findGroup(tx: Transaction, accountId: string, id: string): Promise<GroupRow | null> {
  return (await run(tx, select(accountId).where('id', '=', id)))[0] ?? null;
}

/** Changes what is given. False: there is no such group. */
export async function updateGroup(
  tx: Transaction,
  accountId: string,
  id: string,
  { name, skills, hours }: { [K in keyof GroupValues]: GroupValues[K] | undefined },
): Promise<boolean> {
  const query = db
    .updateTable('groups')
    .set({
      account_id: accountId,
      ...(name === undefined ? {} : { name }),
      ...(skills === undefined ? {} : { skills }),
      ...(hours === undefined ? {} : { hours: hours === null ? null : json(hours) }),
    })
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning('id');
  return (await run(tx, query)).length === 1;
}

/** The group is gone for people; history still names it. */
export async function deleteGroup(tx: Transaction, accountId: string, id: string, at: Date): Promise<void> {
  await tx.query('UPDATE groups SET deleted_at = $3 WHERE account_id = $1 AND id = $2', [accountId, id, at]);
  await tx.query('DELETE FROM agent_groups WHERE account_id = $1 AND group_id = $2', [accountId, id]);
}

/** Which of these are groups of the account. */
export async function existingGroups(tx: Transaction, accountId: string, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'SELECT id FROM groups WHERE account_id = $1 AND id = ANY ($2) AND deleted_at IS NULL FOR SHARE',
    [accountId, ids],
  );
  return rows.map(({ id }) => id);
}

/** What still needs the group: a channel, a waiting chat. (The policy is the caller's to look at.) */
export async function usesOfGroup(
  tx: Transaction,
  accountId: string,
  id: string,
): Promise<{ channels: number; waiting: number }> {
  const { rows } = await tx.query<{ channels: number; waiting: number }>(
    `SELECT (SELECT count(*) FROM channels WHERE account_id = $1 AND group_id = $2 AND disabled_at IS NULL) AS channels,
            (SELECT count(*) FROM queue_entries WHERE account_id = $1 AND group_id = $2) AS waiting`,
    [accountId, id],
  );
  return rows[0] ?? { channels: 0, waiting: 0 };
}

/** Availability in the group has changed: whoever matches chats with agents has something to do. */
export async function markGroup(tx: Transaction, accountId: string, id: string, at: Date): Promise<void> {
  await tx.query('SELECT mark_group($1, $2, $3)', [accountId, id, at]);
}

/** The group, held until the transaction ends: nobody who checks that it exists (`existingGroups`) gets past meanwhile. */
export async function lockGroup(tx: Transaction, accountId: string, id: string): Promise<GroupRow | null> {
  return (await run(tx, select(accountId).where('id', '=', id).forUpdate()))[0] ?? null;
}
