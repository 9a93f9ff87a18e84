/** What bots and desks (and mostly channels) have in common: outside parties with a type, its settings, and secrets. */
import type { Transaction } from './connection.ts';
import { db, json, type Page, run } from './queries.ts';

export type PartyTable = 'bots' | 'desks';

export interface PartyRow {
  id: string;
  name: string;
  type: string;
  settings: unknown;
  secretCount: number;
  createdAt: Date;
  disabledAt: Date | null;
}

export interface NewParty {
  id: string;
  name: string;
  type: string;
  settings: unknown;
  /** Newest first. */
  secrets: readonly string[];
  at: Date;
}

export async function insertParty(
  tx: Transaction,
  table: PartyTable,
  accountId: string,
  { id, name, type, settings, secrets, at }: NewParty,
): Promise<void> {
  await tx.query(
    `INSERT INTO ${table} (account_id, id, name, type, settings, secrets, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [accountId, id, name, type, json(settings), json(secrets), at],
  );
}

function select(table: PartyTable, accountId: string) {
  return db
    .selectFrom(table)
    .select(['id', 'name', 'type', 'settings', 'created_at as createdAt', 'disabled_at as disabledAt'])
    .select(({ fn }) => fn<number>('jsonb_array_length', ['secrets']).as('secretCount'))
    .where('account_id', '=', accountId);
}

export interface PartyFilter {
  type: string | undefined;
  /** Also those that are switched off. */
  disabled: boolean;
  /** Only these bots, or channels of theirs (and of none); null: all. */
  ofBots: readonly string[] | null;
}

export function listParties(
  tx: Transaction,
  table: PartyTable,
  accountId: string,
  { type, disabled, ofBots }: PartyFilter,
  { limit, after }: Page,
): Promise<PartyRow[]> {
  let query = select(table, accountId);
  if (type !== undefined) {
    query = query.where('type', '=', type);
  }
  if (ofBots !== null) {
    query = query.where('id', 'in', ofBots);
  }
  if (!disabled) {
    query = query.where('disabled_at', 'is', null);
  }
  if (after !== null) {
    query = query.where('id', '>', after);
  }
  return run(tx, query.orderBy('id').limit(limit + 1));
}

export async function findParty(
  tx: Transaction,
  table: PartyTable,
  accountId: string,
  id: string,
): Promise<PartyRow | null> {
  return (await run(tx, select(table, accountId).where('id', '=', id)))[0] ?? null;
}

/** The row as it is, held until the transaction ends. */
export async function lockParty(
  tx: Transaction,
  table: PartyTable,
  accountId: string,
  id: string,
): Promise<PartyRow | null> {
  return (await run(tx, select(table, accountId).where('id', '=', id).forUpdate()))[0] ?? null;
}

export interface PartyValues {
  name: string;
  settings: unknown;
  disabledAt: Date | null;
}

export async function updateParty(
  tx: Transaction,
  table: PartyTable,
  accountId: string,
  id: string,
  { name, settings, disabledAt }: PartyValues,
): Promise<void> {
  await tx.query(`UPDATE ${table} SET name = $3, settings = $4, disabled_at = $5 WHERE account_id = $1 AND id = $2`, [
    accountId,
    id,
    name,
    json(settings),
    disabledAt,
  ]);
}
