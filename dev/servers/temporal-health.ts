import { Connection } from '@temporalio/client';

const CONNECT_WITHIN_MS = 5_000;

/** The service that starts last is there: its workers poll. Until then the server may still panic, see PORT_TAKEN in temporal.ts. */
export async function isComplete({ workflowService }: Connection): Promise<void> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace: 'temporal-system',
    taskQueue: { name: 'default-worker-tq' },
    taskQueueType: 1, // TASK_QUEUE_TYPE_WORKFLOW
  });
  if (pollers.length === 0) throw new Error('it is not complete yet');
}

type Check = (connection: Connection) => Promise<void>;

/** Why the server can't be used; undefined if it can. */
export async function complaintAbout(address: string, alsoCheck?: Check): Promise<string | undefined> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: CONNECT_WITHIN_MS });
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    await alsoCheck?.(connection);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await connection?.close();
  }
}
