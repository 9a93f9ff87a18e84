/**
 * Histories of runs as Temporal has them, the running one too: for their export, and for whoever verifies and replays.
 */
import { isGrpcServiceError, WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { workflowId, type ActorId } from '../workflows/conversation/messages.ts';
import { grpc } from './grpc.ts';

/** Answers null where Temporal has this run no longer (its retention is over); throws where it can't be asked. */
export function createFetchHistory(client: Pick<WorkflowClient, 'getHandle'>) {
  return async (actor: ActorId, runId: string) => {
    const handle = client.getHandle(workflowId(actor), runId);
    try {
      const history = await handle.fetchHistory();
      return { history, closed: isClosed(history) };
    } catch (error) {
      if (!isGrpcServiceError(error) || error.code !== grpc.NOT_FOUND) throw error;
    }
    try {
      // The same code says that there is no such namespace, which must not pass for a run that is gone.
      await handle.describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
    throw new Error('history-not-found');
  };
}

/** Attributes of the history events with which a run ends. */
const endings = [
  'workflowExecutionCompletedEventAttributes',
  'workflowExecutionFailedEventAttributes',
  'workflowExecutionTimedOutEventAttributes',
  'workflowExecutionCanceledEventAttributes',
  'workflowExecutionTerminatedEventAttributes',
  'workflowExecutionContinuedAsNewEventAttributes',
] as const;

function isClosed({ events }: History): boolean {
  const last = events?.at(-1);
  return last !== undefined && endings.some((ending) => (last[ending] ?? null) !== null);
}
