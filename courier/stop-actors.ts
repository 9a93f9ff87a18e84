/**
 * Stops every actor of a task queue, for whoever has put a store back: an actor goes on from what it remembers, and that
 * may be later than what stands in Postgres now. Nothing is lost by it: the next thing that is due or comes starts each
 * anew, from its row.
 */
import type { WorkflowClient } from '@temporalio/client';
import { workflowType } from '../workflows/conversation/messages.ts';
import { grpc, grpcCode } from './grpc.ts';

const why = 'a store was put back: the actor goes on from Postgres';

/** Answers how many were stopped. Lists until nothing runs: what Temporal lists is a moment old. */
export async function stopActors(client: WorkflowClient, taskQueue: string): Promise<number> {
  const query = `WorkflowType = '${workflowType}' AND TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  const stopped = new Set<string>();
  for (let found = true; found;) {
    found = false;
    for await (const { workflowId, runId } of client.list({ query })) {
      if (stopped.has(runId)) continue;
      await stop(client, workflowId, runId);
      stopped.add(runId);
      found = true;
    }
  }
  return stopped.size;
}

async function stop(client: WorkflowClient, workflowId: string, runId: string): Promise<void> {
  try {
    await client.getHandle(workflowId, runId).terminate(why);
  } catch (error) {
    if (grpcCode(error) !== grpc.NOT_FOUND) throw error; // it ended by itself meanwhile
  }
}
