/**
 * Notices groups whose hours have ended by the clock: who waits in them since they were open is told. Several workers may
 * sweep; each closing is told once.
 */
import { startSweep, type Sweep } from '../process/sweep.ts';
import { closedMeanwhile, tellOfClosing } from '../store/closing-time.ts';
import { inAccount } from '../store/connection.ts';
import { attemptMs } from '../workflows/conversation/attempt-limits.ts';
import type { PresenceSweepOptions } from './presence-sweep.ts';

const everyMs = 5_000;

/** One round, so much behind the clock that whoever was let into the queue before a closing stands in it. */
export async function sweepClosings(
  { pool, clock }: Pick<PresenceSweepOptions, 'pool' | 'clock'>,
  stopping?: AbortSignal,
): Promise<void> {
  const at = new Date(clock() - attemptMs);
  for (const group of await closedMeanwhile(pool, at)) {
    if (stopping?.aborted === true) return;
    await inAccount(pool, group.accountId, (tx) => tellOfClosing(tx, group, at));
  }
}

/** Sweeps until `stop` is awaited. */
export function startClosingSweep(options: PresenceSweepOptions): Sweep {
  const { logger } = options;
  return startSweep({ name: 'closing sweep', everyMs, logger, round: (stopping) => sweepClosings(options, stopping) });
}
