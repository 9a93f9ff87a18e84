/** What it takes to talk to a desk. */
import type { Transaction } from './connection.ts';

export interface DeskConnection {
  /** A key of the registry. */
  type: string;
  settings: unknown;
  /** Newest first; two are valid during a rotation. */
  secrets: string[];
  disabled: boolean;
}

export async function readDesk(tx: Transaction, accountId: string, id: string): Promise<DeskConnection | null> {
  const { rows } = await tx.query<DeskConnection>({
    name: 'read-desk',
    text: `SELECT type, settings, secrets, disabled_at IS NOT NULL AS disabled FROM desks WHERE account_id = $1 AND id = $2`,
    values: [accountId, id],
  });
  return rows[0] ?? null;
}
