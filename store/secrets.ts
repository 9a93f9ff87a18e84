/** Signing secrets of connections, newest first: two are valid during a rotation. */
import type { Transaction } from './connection.ts';

export type SecretTable = 'bots' | 'channels' | 'desks';

/** Puts a secret in front. `keepLast`: the one before stays valid. Answers how many are valid; null: no such row. */
export async function putSecret(
  tx: Transaction,
  table: SecretTable,
  accountId: string,
  id: string,
  { secret, keepLast }: { secret: string; keepLast: boolean },
): Promise<number | null> {
  const { rows } = await tx.query<{ valid: number }>(
    `UPDATE ${table} SET secrets =
       jsonb_build_array($3::text) || CASE WHEN $4 THEN jsonb_path_query_array(secrets, '$[0]') ELSE '[]' END
     WHERE account_id = $1 AND id = $2 RETURNING jsonb_array_length(secrets) AS valid`,
    [accountId, id, secret, keepLast],
  );
  return rows[0]?.valid ?? null;
}
