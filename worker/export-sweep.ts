/**
 * Exports the histories that no later run has exported: those of the last runs of conversations that have fallen silent,
 * and of runs whose successor could not. Several workers may sweep; each run is one worker's for a minute.
 */
import type { Logger } from 'pino';
import { exportRun, type ExportDependencies, type Exported } from '../activities/export-history.ts';
import { failureOf } from '../process/failures.ts';
import { startSweep, type Sweep } from '../process/sweep.ts';
import { claimUnexportedRuns, type UnexportedRun } from '../store/runs.ts';

export interface ExportSweepOptions extends ExportDependencies {
  logger: Logger;
  /** Between two rounds. */
  everyMs?: number;
  /** A run this young may still be exported by the run after it. */
  minAgeMs?: number;
  /** Histories per round: a round costs Temporal one fetch for each. */
  most?: number;
}

const minute = 60_000;

/** One round. Answers what became of each run; a run that failed is tried again by a later round. */
export async function sweepExports(
  options: ExportSweepOptions,
  stopping?: AbortSignal,
): Promise<Record<Exported | 'failed', number>> {
  const { pool, clock, logger, minAgeMs = 2 * minute, most = 200 } = options;
  const now = clock();
  const due = await claimUnexportedRuns(pool, { now: new Date(now), startedBefore: new Date(now - minAgeMs), most });
  const count = { exported: 0, gone: 0, running: 0, failed: 0 };
  for (const run of due) {
    if (stopping?.aborted === true) break;
    const became = await exportOne(options, run);
    count[became] += 1;
    if (became === 'gone') logger.warn({ ...run }, 'history of a run is gone: it can not be replayed any more');
  }
  return count;
}

async function exportOne(options: ExportSweepOptions, run: UnexportedRun): Promise<Exported | 'failed'> {
  const { accountId, conversationId, runId } = run;
  try {
    return await exportRun(options, { accountId, conversationId }, runId);
  } catch (error) {
    options.logger.warn({ ...run, failure: failureOf(error) }, 'history not exported');
    return 'failed';
  }
}

/** Sweeps until `stop` is awaited; the run whose history is under way is finished. */
export function startExportSweep(options: ExportSweepOptions): Sweep {
  const { logger, everyMs = minute } = options;
  return startSweep({ name: 'export sweep', everyMs, logger, round: (stopping) => sweepExports(options, stopping) });
}
