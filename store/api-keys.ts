/** API keys. Stored are the SHA-256 of the key and its scopes; the key itself is shown once. */
import type { Pool } from './connection.ts';

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
