/** Rates are per connection (channel, bot, desk) and shared by all workers. */
import { callFunction } from './call.ts';
import type { Pool, Transaction } from './connection.ts';

/** So many sends a second on average, and so many at once after a pause. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** Sends that go with one that has had its turn. `at`: epoch ms. */
export async function countSends(
  pool: Pool,
  { accountId, connectionId, at }: { accountId: string; connectionId: string; at: number },
  rate: Rate,
  sends: number,
): Promise<void> {
  const statement = { name: 'count-sends', text: 'SELECT count_sends($1, $2, $3, $4, $5)::text AS answer' };
  await callFunction(pool, statement, [accountId, connectionId, new Date(at), rate, sends]);
}

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
