/** Groups that have closed by the clock while somebody waits in them, so that they are told; once for each closing. */
import { announceHours } from './announcements.ts';
import type { Pool, Transaction } from './connection.ts';
import { type Hours, isOpen } from './hours.ts';

export interface ClosedGroup {
  accountId: string;
  groupId: string;
  /** As of the last closing that was told. */
  toldAt: Date | null;
}

/** Those that are closed at `at`, in which somebody came to wait up to then while they were open, or hardly longer. */
export async function closedMeanwhile(pool: Pool, at: Date): Promise<ClosedGroup[]> {
  const { rows } = await pool.query<ClosedGroup & { hours: Hours; since: Date[] }>({
    name: 'hours-awaited',
    text: `SELECT account_id AS "accountId", group_id AS "groupId", hours, told_at AS "toldAt", since FROM hours_awaited($1)`,
    values: [at],
  });
  return rows.filter(({ hours, since }) => !isOpen(hours, at.getTime()) && since.some((one) => cameByOpen(hours, one)));
}

const minuteMs = 60_000;

/** What they were told was judged a moment before they came to wait. */
function cameByOpen(hours: Hours, since: Date): boolean {
  return isOpen(hours, since.getTime()) || isOpen(hours, since.getTime() - minuteMs);
}

/** Not where somebody else was faster. `at`: as it was asked for with. */
export async function tellOfClosing(
  tx: Transaction,
  { accountId, groupId, toldAt }: ClosedGroup,
  at: Date,
): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE groups SET closing_told_at = $3 WHERE account_id = $1 AND id = $2 AND closing_told_at IS NOT DISTINCT FROM $4`,
    [accountId, groupId, at, toldAt],
  );
  if (rowCount === 1) await announceHours(tx, accountId, groupId, at);
}
