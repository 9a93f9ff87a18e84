/** Rates are per connection (channel, bot, desk) and shared by all workers. */
import type { Transaction } from './connection.ts';

/** `until`: epoch ms. Only ever later. */
export async function blockConnection(
  tx: Transaction,
  accountId: string,
  connectionId: string,
  until: number,
): Promise<void> {
  await tx.query({
    name: 'block-connection',
    text: `INSERT INTO connection_rates (account_id, connection_id, blocked_until) VALUES ($1, $2, $3)
           ON CONFLICT (account_id, connection_id)
           DO UPDATE SET blocked_until = greatest(connection_rates.blocked_until, excluded.blocked_until)`,
    values: [accountId, connectionId, new Date(until)],
  });
}
