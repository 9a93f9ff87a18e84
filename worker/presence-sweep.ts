/**
 * Notices agents whose client went away without a word, once the grace is over: who waits for nobody else is told. Several
 * workers may sweep; each loss is noted once.
 */
import type { Logger } from 'pino';
import { startSweep, type Sweep } from '../process/sweep.ts';
import { lostLeases, noteLostLeases } from '../store/availability.ts';
import { inAccount, type Pool } from '../store/connection.ts';

export interface PresenceSweepOptions {
  pool: Pool;
  clock: () => number;
  logger: Logger;
}

const everyMs = 5_000;
/** Agents per round. */
const most = 500;

/** One round. What can't be noted is found again by the next. */
export async function sweepPresence(
  { pool, clock }: Pick<PresenceSweepOptions, 'pool' | 'clock'>,
  stopping?: AbortSignal,
): Promise<void> {
  const at = new Date(clock());
  for (const { accountId, agentIds } of await lostLeases(pool, at, most)) {
    if (stopping?.aborted === true) return;
    await inAccount(pool, accountId, (tx) => noteLostLeases(tx, accountId, agentIds, at));
  }
}

/** Sweeps until `stop` is awaited. */
export function startPresenceSweep(options: PresenceSweepOptions): Sweep {
  const { logger } = options;
  return startSweep({ name: 'presence sweep', everyMs, logger, round: (stopping) => sweepPresence(options, stopping) });
}
