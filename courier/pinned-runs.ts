/**
 * The open runs of a build: to see how many there are, to have them move to the build that they belong to now, and to end
 * those whose workers are gone. A run that is told nothing moves when it ends by itself, which may take a day.
 */
import { type WorkflowClient, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { moveUpdate, parseWorkflowId, staysFailure, workflowType } from '../workflows/conversation/messages.ts';
import { grpc, grpcCode } from './grpc.ts';
import { abreast, eachRun, endRun, type OpenRun } from './open-runs.ts';
import { startOptions } from './start.ts';

export interface PinnedRuns {
  client: WorkflowClient;
  deployment: string;
  build: string;
}

/** A worker that is there answers in milliseconds; one that is busy in seconds. */
const answersWithinMs = 10_000;
/** So many in a row: nobody is there. */
const silenceAfter = 2 * abreast;

/** As Temporal's index has them, a second or so behind. */
export async function countPinned(pinned: PinnedRuns): Promise<number> {
  return (await pinned.client.count(queryOf(pinned))).count;
}

export interface Moved {
  /** Go on with another build as soon as nothing of theirs is out; some seconds at most. */
  move: number;
  /** Are with the build that they belong to: it has only a share of the conversations, or is the only one. */
  stay: number;
  /** Gave no answer: there is no worker of their build, or it can't go on. */
  silent: number;
}

/** Tells every open run to go on with the build that has new runs now; stops where nobody answers. */
export async function move(pinned: PinnedRuns): Promise<Moved> {
  const moved: Moved = { move: 0, stay: 0, silent: 0 };
  let inARow = 0;
  const tell = async ({ workflowId }: OpenRun): Promise<void> => {
    const answer = await answerOf(pinned.client, workflowId);
    moved[answer] += 1;
    inARow = answer === 'silent' ? inARow + 1 : 0;
  };
  await eachRun(pinned.client, queryOf(pinned), tell, () => inARow >= silenceAfter);
  return moved;
}

/**
 * Ends every open run of the build, and starts its actor again from what is recorded, with the build that is current now. For
 * a build whose workers are gone, or can't go on. Nothing that was stored is lost by it; see docs/upgrading.md for what else is.
 */
export async function retire(pinned: PinnedRuns, taskQueue: string): Promise<number> {
  const { client, build } = pinned;
  let ended = 0;
  await eachRun(client, queryOf(pinned), async (run) => {
    const actor = parseWorkflowId(run.workflowId);
    if (actor === null || !(await endRun(client, run, `build ${build} is retired`))) return;
    ended += 1;
    await client.start(workflowType, startOptions(actor, taskQueue));
  });
  return ended;
}

function queryOf({ deployment, build }: PinnedRuns): string {
  const version = `${deployment}:${build}`.replaceAll('"', '');
  return `TemporalWorkerDeploymentVersion = "${version}" AND WorkflowType = "${workflowType}" AND ExecutionStatus = "Running"`;
}

/** Whichever run it has by now: where that is the next one already, it stays. */
async function answerOf(client: WorkflowClient, workflowId: string): Promise<keyof Moved> {
  try {
    await client.withDeadline(Date.now() + answersWithinMs, () =>
      client.getHandle(workflowId).executeUpdate(moveUpdate),
    );
    return 'move';
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return stays(error) ? 'stay' : 'move';
    switch (grpcCode(error)) {
      case grpc.NOT_FOUND: // nothing is open any more
      case grpc.ABORTED: // the run ended with the question in hand
        return 'move';
      case grpc.DEADLINE_EXCEEDED:
      case grpc.CANCELLED:
        return 'silent';
      default:
        throw error;
    }
  }
}

const stays = ({ cause }: WorkflowUpdateFailedError): boolean =>
  cause instanceof ApplicationFailure && cause.type === staysFailure;
