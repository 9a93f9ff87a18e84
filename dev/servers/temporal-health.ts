import { Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

const CONNECT_WITHIN_MS = 5_000;
/** Of gRPC's codes. */
const ALREADY_EXISTS = 6;

/** The service that starts last is there: its workers poll. Until then the server may still panic, see PORT_TAKEN in temporal.ts. */
export async function isComplete({ workflowService }: Connection): Promise<void> {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace: 'temporal-system',
    taskQueue: { name: 'default-worker-tq' },
    taskQueueType: 1, // TASK_QUEUE_TYPE_WORKFLOW
  });
  if (pollers.length === 0) throw new Error('it is not complete yet');
}

/** It is the one that was started there, and not another one that got its port. */
export async function isOfCluster({ workflowService }: Connection, cluster: string): Promise<void> {
  const { clusterName } = await workflowService.getClusterInfo({});
  if (clusterName !== cluster) throw new Error(`it is of the cluster ${clusterName}`);
}

/** A dev server has its namespace from the start; another one is asked for it. */
export async function ensureNamespace({ workflowService }: Connection): Promise<void> {
  try {
    await workflowService.registerNamespace({
      namespace: 'default',
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error;
  }
}

type Check = (connection: Connection) => Promise<void>;

/** Why the server can't be used; undefined if it can. */
export async function complaintAbout(address: string, firstCheck?: Check): Promise<string | undefined> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: CONNECT_WITHIN_MS });
    await firstCheck?.(connection);
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await connection?.close();
  }
}
