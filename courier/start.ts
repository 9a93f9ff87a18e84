/** How an actor is started: always together with what is for it, by whoever comes first, and never twice. */
import type { WorkflowStartOptions } from '@temporalio/client';
import { workflowId, type ActorId } from '../workflows/conversation/messages.ts';

/** A worker that dies with a task in hand holds the conversation up this long (P11). */
const taskTimeoutMs = 5_000;

export type StartOptions = WorkflowStartOptions<(actor: ActorId) => Promise<void>> & {
  workflowIdConflictPolicy: 'USE_EXISTING';
};

export function startOptions({ accountId, conversationId }: ActorId, taskQueue: string): StartOptions {
  const actor = { accountId, conversationId };
  return {
    workflowId: workflowId(actor),
    args: [actor],
    taskQueue,
    workflowTaskTimeout: taskTimeoutMs,
    // An actor that has completed is started again by its next message; one that runs takes it.
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
  };
}
