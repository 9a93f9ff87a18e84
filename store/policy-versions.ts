/** Versions of an account's policy, as people write them: immutable, each whole. Decisions read them by `policies.ts`. */
import type { Policy } from '../workflows/conversation/policy.ts';
import type { Transaction } from './connection.ts';
import type { Notices } from './notices.ts';
import type { FormField, Routing } from './policies.ts';
import { db, json, run } from './queries.ts';

export type Partly<T> = { [K in keyof T]?: (T[K] extends object ? Partly<T[K]> : T[K]) | undefined };

export interface PolicyValues {
  /** Its own `version` and `intake.fields` follow from the row and are never read. */
  numbers: Policy;
  /** Group id → the numbers that differ there. */
  groups: Record<string, Partly<Policy>>;
  notices: Notices;
  form: FormField[];
  routing: Routing;
}

export interface PolicyRow extends PolicyValues {
  version: number;
  createdAt: Date;
}

export async function insertPolicyVersion(
  tx: Transaction,
  accountId: string,
  { version, at, numbers, groups, notices, form, routing }: PolicyValues & { version: number; at: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO policies (account_id, version, numbers, groups, notices, form, routing, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [accountId, version, json(numbers), json(groups), json(notices), json(form), json(routing), at],
  );
}

const columns = 'version, numbers, groups, notices, form, routing, created_at AS "createdAt"';

export async function newestPolicy(tx: Transaction, accountId: string): Promise<PolicyRow | null> {
  const { rows } = await tx.query<PolicyRow>(
    `SELECT ${columns} FROM policies WHERE account_id = $1 ORDER BY version DESC LIMIT 1`,
    [accountId],
  );
  return rows[0] ?? null;
}

export async function findPolicyVersion(
  tx: Transaction,
  accountId: string,
  version: number,
): Promise<PolicyRow | null> {
  const { rows } = await tx.query<PolicyRow>(`SELECT ${columns} FROM policies WHERE account_id = $1 AND version = $2`, [
    accountId,
    version,
  ]);
  return rows[0] ?? null;
}

/** Newest first; `after` is a version. */
export function listPolicyVersions(
  tx: Transaction,
  accountId: string,
  { limit, after }: { limit: number; after: number | null },
): Promise<{ version: number; createdAt: Date }[]> {
  let query = db
    .selectFrom('policies')
    .select(['version', 'created_at as createdAt'])
    .where('account_id', '=', accountId);
  if (after !== null) {
    query = query.where('version', '<', after);
  }
  return run(tx, query.orderBy('version', 'desc').limit(limit + 1));
}

/**
 * Two who save at once do so one after the other, and no session begins beside them by what was in force before: such a
 * record has committed, and its conversation is told after this transaction (`announcePolicy`), or it finds the new version.
 * Before any other lock of its transaction; held until that ends.
 */
export async function lockPolicies(tx: Transaction, accountId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(policy_lock($1))', [accountId]);
}
