/**
 * The builds of a deployment as Temporal knows them, and which of them conversations go to. Nothing here touches a
 * conversation: a run stays with its build until it comes to an idle point of its own (`pinned-runs.ts`, docs/upgrading.md).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isGrpcServiceError, type WorkflowClient } from '@temporalio/client';
import { grpc, grpcCode } from './grpc.ts';

/** What new runs are given to: `current` all, or what is left beside a `ramping` one. */
export type BuildRole = 'current' | 'ramping' | 'other';

export interface Build {
  build: string;
  role: BuildRole;
  /** Of a ramping build: share of conversations, percent. */
  percent: number | null;
}

export interface Deployment {
  name: string;
  /** Newest first; those that a worker has ever come up with, and that Temporal has not forgotten. */
  builds: Build[];
  /** No build is current: what no ramp takes goes to workers without BATON_DEPLOYMENT. */
  unversioned: boolean;
}

/** Why Temporal changed nothing, in its words. */
export class NotPromoted extends Error {
  override readonly name = 'NotPromoted';
}

/** null: no worker of this deployment has ever come up. */
export async function readDeployment(client: WorkflowClient, name: string): Promise<Deployment | null> {
  const info = await describe(client, name);
  if (info === null) return null;
  const { routingConfig, versionSummaries } = info;
  const current = routingConfig?.currentDeploymentVersion?.buildId;
  const ramping = routingConfig?.rampingDeploymentVersion?.buildId;
  const builds = (versionSummaries ?? []).map(({ deploymentVersion }): Build => {
    const build = deploymentVersion?.buildId ?? '';
    if (build === current) return { build, role: 'current', percent: null };
    if (build === ramping) return { build, role: 'ramping', percent: routingConfig?.rampingVersionPercentage ?? 0 };
    return { build, role: 'other', percent: null };
  });
  return { name, builds, unversioned: !current };
}

/** Resolves to null where there is no such deployment. */
async function describe(client: WorkflowClient, deploymentName: string) {
  try {
    const { namespace } = client.options;
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment({
      namespace,
      deploymentName,
    });
    return workerDeploymentInfo ?? null;
  } catch (error) {
    if (grpcCode(error) === grpc.NOT_FOUND) return null;
    throw error;
  }
}

/**
 * All new runs go to this build, and no other has a share any more. Promoting the build before is the way back. Throws
 * `NotPromoted`, also where no worker of this build is up.
 */
export async function promote(client: WorkflowClient, name: string, build: string): Promise<void> {
  const { workflowService, options } = client;
  const request = { namespace: options.namespace, deploymentName: name };
  await unlessRefused(workflowService.setWorkerDeploymentCurrentVersion({ ...request, buildId: build }));
  const { builds } = (await readDeployment(client, name)) ?? { builds: [] };
  if (builds.some(({ role }) => role === 'ramping')) {
    await unlessRefused(workflowService.setWorkerDeploymentRampingVersion({ ...request, buildId: '', percentage: 0 }));
  }
  await routed(client, name);
}

/** New runs of this share of conversations (the same ones every time) go to this build. Throws as `promote` does. */
export async function ramp(client: WorkflowClient, name: string, build: string, percent: number): Promise<void> {
  const request = { namespace: client.options.namespace, deploymentName: name, buildId: build, percentage: percent };
  await unlessRefused(client.workflowService.setWorkerDeploymentRampingVersion(request));
  await routed(client, name);
}

async function unlessRefused(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    const refused: unknown[] = [grpc.FAILED_PRECONDITION, grpc.NOT_FOUND, grpc.INVALID_ARGUMENT];
    if (!refused.includes(grpcCode(error))) throw error;
    throw new NotPromoted(isGrpcServiceError(error) ? error.details : 'refused', { cause: error });
  }
}

const routedWithinMs = 10_000;
/** Temporal's ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS. */
const inProgress = 1;

/** Each of the server's queues has heard of it; where that takes too long, whoever is told to move too early stays. */
async function routed(client: WorkflowClient, name: string): Promise<void> {
  for (const end = Date.now() + routedWithinMs; Date.now() < end; await pause(100)) {
    const { routingConfigUpdateState: state } = (await describe(client, name)) ?? {};
    if (state !== inProgress) return;
  }
}
