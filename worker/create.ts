/** A worker, tuned: the one place where a workflow, its activities and Temporal meet. */
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Activities } from '../activities/contract.ts';
import { activityMs, beatMs, goneMs } from '../workflows/conversation/attempt-limits.ts';
import { connectTo } from './connection.ts';
import { wordlessFailures } from './interceptors.ts';
import type { WorkerMetrics } from './metrics.ts';
import { signsOfLife } from './signs-of-life.ts';
import { tracedActivities } from './traced-activities.ts';

export interface WorkerSettings {
  namespace: string;
  taskQueue: string;
  activities: Activities;
  bundle: NonNullable<WorkerOptions['workflowBundle']>;
  build: string;
  /** Versioned: the deployment that this build is a version of. Its conversations stay with the build that began their run. */
  deployment?: string | undefined;
  /** Conversations kept in memory. */
  cachedWorkflows: number;
  logger: Logger;
  metrics: WorkerMetrics;
}

export interface RunningWorker {
  worker: Worker;
  connection: NativeConnection;
}

export async function createWorker(settings: WorkerSettings & { address: string }): Promise<RunningWorker> {
  return createWorkerOn(await connectTo({ address: settings.address }), settings);
}

export async function createWorkerOn(connection: NativeConnection, settings: WorkerSettings): Promise<RunningWorker> {
  const { namespace, taskQueue, activities, bundle, cachedWorkflows, logger, metrics } = settings;
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: bundle,
    activities: { ...activities },
    ...versionOf(settings),
    maxCachedWorkflows: cachedWorkflows,
    // A dead worker's conversations wait this long before another worker takes them (P11).
    stickyQueueScheduleToStartTimeout: '2 seconds',
    maxConcurrentWorkflowTaskExecutions: 40,
    // An account gets half of them at most (`activities/shares.ts`).
    maxConcurrentActivityTaskExecutions: 200,
    maxConcurrentLocalActivityExecutions: 40,
    // What is out when SIGTERM comes is finished, not repeated.
    shutdownGraceTime: activityMs,
    shutdownForceTime: goneMs,
    maxHeartbeatThrottleInterval: beatMs,
    interceptors: {
      activity: [
        () => ({ inbound: tracedActivities() }),
        (context) => ({ inbound: signsOfLife(context) }),
        () => ({ inbound: wordlessFailures(logger, metrics) }),
      ],
    },
  });
  return { worker, connection };
}

/** Unversioned, any worker of the queue takes any conversation: for one build at a time, and to change between equal ones. */
function versionOf({ deployment, build }: WorkerSettings): Pick<WorkerOptions, 'buildId' | 'workerDeploymentOptions'> {
  if (deployment === undefined) return { buildId: build };
  return {
    workerDeploymentOptions: {
      version: { deploymentName: deployment, buildId: build },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
