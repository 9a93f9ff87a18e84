/**
 * Stops every actor of a task queue, for whoever has put a store back: an actor goes on from what it remembers, and that
 * may be later than what stands in Postgres now. Nothing is lost by it: the next thing that is due or comes starts each
 * anew, from its row.
 */
import type { WorkflowClient } from '@temporalio/client';
import { workflowType } from '../workflows/conversation/messages.ts';
import { eachRun, endRun, type OpenRun } from './open-runs.ts';

const why = 'a store was put back: the actor goes on from Postgres';

/** Answers how many were stopped. Lists until nothing runs: what Temporal lists is a moment old. */
export async function stopActors(client: WorkflowClient, taskQueue: string): Promise<number> {
  const query = `WorkflowType = '${workflowType}' AND TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  const stopped = new Set<string>();
  let found = false;
  const stop = async (run: OpenRun): Promise<void> => {
    if (stopped.has(run.runId)) return;
    await endRun(client, run, why);
    stopped.add(run.runId);
    found = true;
  };
  do {
    found = false;
    await eachRun(client, query, stop);
  } while (found);
  return stopped.size;
}
