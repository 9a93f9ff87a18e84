/** What it takes to talk to a bot or a desk. */
import type { Transaction } from './connection.ts';

export interface PartyConnection {
  /** A key of the registry. */
  type: string;
  settings: unknown;
  /** Newest first; two are valid during a rotation. */
  secrets: string[];
  disabled: boolean;
  /** It has asked to be left alone until then, epoch ms. */
  blockedUntil: number | null;
}

export async function readDesk(tx: Transaction, accountId: string, id: string): Promise<PartyConnection | null> {
  const { rows } = await tx.query<PartyConnection>({
    name: 'read-desk',
    text: `SELECT type, settings, secrets, disabled_at IS NOT NULL AS disabled, ms_of(blocked_until) AS "blockedUntil"
           FROM desks d LEFT JOIN connection_rates r ON r.account_id = d.account_id AND r.connection_id = d.id
           WHERE d.account_id = $1 AND d.id = $2`,
    values: [accountId, id],
  });
  return rows[0] ?? null;
}
