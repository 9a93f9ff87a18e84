import { tellSome } from '../../store/announcements.ts';
import { inAccount, type Pool } from '../../store/connection.ts';
import { until } from './until.ts';

/** Tells what was announced in the account, as the API does. How many batches it took. */
export async function tellAll(pool: Pool, accountId: string, { most = 500, at = new Date() } = {}): Promise<number> {
  let batches = 0;
  while (await tellSome(pool, accountId, { most, at })) batches += 1;
  return batches;
}

/** Waits until the API has told everything. */
export async function allTold(pool: Pool, accountId: string): Promise<void> {
  await until(() => isAllTold(pool, accountId));
}

export async function isAllTold(pool: Pool, accountId: string): Promise<boolean> {
  const query = 'SELECT 1 FROM announcements WHERE account_id = $1';
  const { rowCount } = await inAccount(pool, accountId, (tx) => tx.query(query, [accountId]));
  return rowCount === 0;
}
