/** API keys. Stored are the SHA-256 of the key and its scopes; the key itself is shown once. */
import type { Pool, Transaction } from './connection.ts';
import { db, type Page, run } from './queries.ts';

export interface KeyFacts {
  accountId: string;
  id: string;
  scopes: string[];
  expiresAt: Date | null;
  revokedAt: Date | null;
}

/** Whoever knocks has only a key: which account it is for is found by its hash, through a function that answers no more. */
export async function findApiKey(pool: Pool, hash: Buffer): Promise<KeyFacts | null> {
  const { rows } = await pool.query<KeyFacts>({
    name: 'find-api-key',
    text: `SELECT account_id AS "accountId", id, scopes, expires_at AS "expiresAt", revoked_at AS "revokedAt"
           FROM find_api_key($1)`,
    values: [hash],
  });
  return rows[0] ?? null;
}

export interface ApiKeyRow {
  id: string;
  name: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export interface NewApiKey {
  id: string;
  name: string;
  hash: Buffer;
  scopes: readonly string[];
  expiresAt: Date | null;
  at: Date;
}

export async function insertApiKey(tx: Transaction, accountId: string, key: NewApiKey): Promise<void> {
  await tx.query(
    `INSERT INTO api_keys (account_id, id, name, hash, scopes, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [accountId, key.id, key.name, key.hash, key.scopes, key.at, key.expiresAt],
  );
}

const columns = [
  'id',
  'name',
  'scopes',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'revoked_at as revokedAt',
] as const;

export function listApiKeys(tx: Transaction, accountId: string, { limit, after }: Page): Promise<ApiKeyRow[]> {
  let query = db.selectFrom('api_keys').select(columns).where('account_id', '=', accountId);
  if (after !== null) {
    query = query.where('id', '>', after);
  }
  return run(tx, query.orderBy('id').limit(limit + 1));
}

export async function getApiKey(tx: Transaction, accountId: string, id: string): Promise<ApiKeyRow | null> {
  const query = db.selectFrom('api_keys').select(columns).where('account_id', '=', accountId).where('id', '=', id);
  return (await run(tx, query))[0] ?? null;
}

/** True if there is such a key; one that is revoked already stays as it is. */
export async function revokeApiKey(tx: Transaction, accountId: string, id: string, at: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3) WHERE account_id = $1 AND id = $2',
    [accountId, id, at],
  );
  return rowCount === 1;
}
