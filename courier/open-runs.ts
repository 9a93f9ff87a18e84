/**
 * Runs as Temporal's index has them, which is a second or so behind: gone through some at a time, and ended. Whoever ends a
 * run loses nothing that was stored: its actor goes on from its row in Postgres.
 */
import type { WorkflowClient } from '@temporalio/client';
import { grpc, grpcCode } from './grpc.ts';

export interface OpenRun {
  workflowId: string;
  runId: string;
}

/** So many `each` are out at once. */
export const abreast = 8;

/** Until the query finds no more, or `isOver` says so. */
export async function eachRun(
  client: WorkflowClient,
  query: string,
  each: (run: OpenRun) => Promise<void>,
  isOver = () => false,
): Promise<void> {
  let some: OpenRun[] = [];
  const doSome = async (): Promise<void> => {
    await Promise.all(some.map(each));
    some = [];
  };
  for await (const { workflowId, runId } of client.list({ query })) {
    some.push({ workflowId, runId });
    if (some.length < abreast) continue;
    await doSome();
    if (isOver()) return;
  }
  await doSome();
}

/** False: it has ended by itself meanwhile. */
export async function endRun(client: WorkflowClient, { workflowId, runId }: OpenRun, why: string): Promise<boolean> {
  try {
    await client.getHandle(workflowId, runId).terminate(why);
    return true;
  } catch (error) {
    if (grpcCode(error) === grpc.NOT_FOUND) return false;
    throw error;
  }
}
