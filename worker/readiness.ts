/** Whether a worker can do its work, and what keeps it from it, for orchestrators and people. Empty: it is ready. */
import type { NativeConnection } from '@temporalio/worker';
import type { Pool } from '../store/connection.ts';
import { whyUnreachable } from '../store/reachable.ts';
import type { RunningWorker } from './create.ts';

export type Reasons = Partial<Record<'worker' | 'postgres' | 'temporal', string>>;

const answerWithinMs = 2_000;

/** `running`: null while it starts. */
export async function reasonsAgainst(pool: Pool, running: RunningWorker | null): Promise<Reasons> {
  const [postgres, temporal] = await Promise.all([whyUnreachable(pool), running && answers(running.connection)]);
  const state = running?.worker.getState() ?? 'STARTING';
  return {
    ...(state !== 'RUNNING' && { worker: state.toLowerCase() }),
    ...(postgres !== null && { postgres }),
    ...(temporal === false && { temporal: 'away' }),
  };
}

/** The worker itself says nothing: it polls on until Temporal is back. */
function answers(connection: NativeConnection): Promise<boolean> {
  const asked = connection.withDeadline(Date.now() + answerWithinMs, () =>
    connection.workflowService.getSystemInfo({}),
  );
  return asked.then(
    () => true,
    () => false,
  );
}
