/**
 * Hands commands to actors. The caller of `execute` gets the outcome: the same for the same key, however often it is sent,
 * whether the actor runs, has completed, continues as new meanwhile or is started by the command itself.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { WithStartWorkflowOperation, WorkflowUpdateFailedError, type WorkflowClient } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { inSpan, spanIdsOf } from '../process/spans.ts';
import type { CommandName } from '../workflows/conversation/inputs.ts';
import {
  rejectedFailure,
  runEndingFailure,
  workflowId,
  workflowType,
  type ActorId,
  type CommandPayload,
  type Outcome,
} from '../workflows/conversation/messages.ts';
import type { Rejection } from '../workflows/conversation/rejections.ts';
import { createBackoff } from './backoff.ts';
import { grpc, grpcCode } from './grpc.ts';
import { createInFlight } from './in-flight.ts';
import { startOptions } from './start.ts';

export interface CommandClientOptions {
  client: WorkflowClient;
  taskQueue: string;
  /** How long a caller waits for an outcome, ms. */
  deadlineMs?: number;
}

export interface CommandClient {
  /** Throws `Unanswered` past the deadline: the command may still be carried out, and its key tells. */
  execute<N extends CommandName>(actor: ActorId, name: N, payload: CommandPayload<N>): Promise<Outcome>;
  /** Nobody waits for the outcome; it is stored under the key. Throws `Unanswered` where Temporal may not have taken it. */
  signal<N extends CommandName>(actor: ActorId, name: N, payload: CommandPayload<N>): Promise<void>;
}

/** No outcome in time. Asking again with the same key is safe, and gets the outcome if there is one. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  constructor(cause?: unknown) {
    super('unanswered', { cause });
  }
}

/** The server takes 10 updates at once for one workflow; other processes have some, too. */
const inFlightPerActor = 8;
const defaultDeadlineMs = 10_000;

export function createCommandClient({
  client,
  taskQueue,
  deadlineMs = defaultDeadlineMs,
}: CommandClientOptions): CommandClient {
  const inFlight = createInFlight(inFlightPerActor);

  const send = (actor: ActorId, name: string, payload: { key: string }, untilMs: number): Promise<Outcome> =>
    client.withDeadline(Date.now() + untilMs - performance.now(), () =>
      client.executeUpdateWithStart<(actor: ActorId) => Promise<void>, Outcome, [unknown]>(name, {
        args: [payload],
        updateId: payload.key,
        startWorkflowOperation: new WithStartWorkflowOperation(workflowType, startOptions(actor, taskQueue)),
      }),
    );

  /** `untilMs`: by `performance.now()`, which nobody sets. */
  const sendUntil = async (
    untilMs: number,
    actor: ActorId,
    name: string,
    payload: { key: string },
  ): Promise<Outcome> => {
    const backoff = createBackoff();
    for (;;) {
      if (performance.now() >= untilMs) throw new Unanswered();
      try {
        return await send(actor, name, payload, untilMs);
      } catch (error) {
        const rejection = rejectionOf(error);
        if (rejection) return { ok: false, rejection };
        if (performance.now() >= untilMs) throw new Unanswered(error);
        if (!mayBeSentAgain(error)) throw error;
        await pause(Math.min(backoff.next(), Math.max(0, untilMs - performance.now())));
      }
    }
  };

  return {
    async execute(actor, name, payload) {
      const untilMs = performance.now() + deadlineMs;
      const leave = await inFlight.enter(workflowId(actor));
      try {
        return await inSpan(`command ${name}`, spanIdsOf(actor), () => sendUntil(untilMs, actor, name, payload));
      } finally {
        leave();
      }
    },
    async signal(actor, name, payload) {
      try {
        await client.withDeadline(Date.now() + deadlineMs, () =>
          client.signalWithStart(workflowType, {
            ...startOptions(actor, taskQueue),
            signal: name,
            signalArgs: [payload],
          }),
        );
      } catch (error) {
        throw mayBeSentAgain(error) ? new Unanswered(error) : error;
      }
    },
  };
}

function rejectionOf(error: unknown): Rejection | null {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return null;
  const [rejection] = error.cause.details ?? [];
  return error.cause.type === rejectedFailure ? (rejection as Rejection) : null;
}

/** A run that ended with the command in hand: it had accepted the update (so this type), or not (a code below). */
const endedMeanwhile = 'AcceptedUpdateCompletedWorkflow';

/** The key makes a repeat harmless, so all that may have gone wrong on the way is sent again. */
const resent: ReadonlySet<number> = new Set([
  grpc.FAILED_PRECONDITION, // the task that answered was lost
  grpc.NOT_FOUND, // the run has completed meanwhile
  grpc.ABORTED, // one of the two operations of update-with-start lost a race
  grpc.RESOURCE_EXHAUSTED, // more updates at once than the server takes, or a run younger than a second
  grpc.UNAVAILABLE,
  grpc.UNKNOWN,
  grpc.INTERNAL,
  grpc.CANCELLED,
  grpc.DEADLINE_EXCEEDED,
]);

function mayBeSentAgain(error: unknown): boolean {
  if (error instanceof WorkflowUpdateFailedError) {
    const type = error.cause instanceof ApplicationFailure ? error.cause.type : null;
    return type === endedMeanwhile || type === runEndingFailure;
  }
  const code = grpcCode(error);
  return code !== null && resent.has(code);
}
