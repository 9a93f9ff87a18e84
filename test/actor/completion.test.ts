/** A run completes when nothing is open. What comes at that very moment is neither lost nor doubled. */
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { watchEndings, type Arrival, type Cause, type Endings } from '../support/ending-conversation.ts';
import { expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { runIdsOf, runsOf } from '../support/runs.ts';
import { until } from '../support/until.ts';

let stack: ActorStack;
let endings: Endings;

beforeAll(async () => {
  stack = await startActorStack();
  endings = watchEndings(stack);
  await stack.startWorker();
});
afterAll(() => stack.close());

const arrivals: Arrival[] = ['message', 'signal', 'update'];

function handleOf(id: ActorId, runId?: string): WorkflowHandle {
  return stack.temporal.client.getHandle(workflowId(id), runId);
}

async function completed(id: ActorId): Promise<void> {
  await until(async () => (await handleOf(id).describe()).status.name === 'COMPLETED');
}

async function signalsTo(id: ActorId): Promise<number> {
  const { events } = await handleOf(id).fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
}

/** Of a failed task: something came in while it was out, and it was to complete the run. */
const unhandledCommand = 1;

/** Temporal has dropped a completion because something came in between, and a completed run was followed by another. */
async function hasMetTheEnd(id: ActorId): Promise<boolean> {
  const runIds = await runIdsOf(stack.pool, id);
  const histories = await Promise.all(runIds.map((runId) => handleOf(id, runId).fetchHistory()));
  const dropped = histories
    .flatMap(({ events }) => events ?? [])
    .filter((event) => event.workflowTaskFailedEventAttributes?.cause === unhandledCommand);
  return dropped.length > 0 && runIds.length > 1;
}

test('P10: a conversation with nothing open completes, and its next message starts it again', async () => {
  const one = await endings.conversation('session');
  await completed(one.id);
  expect(await runsOf(stack.pool, one.id)).toBe(1);
  await one.send('message');
  await stack.sees(one.id, 'SessionStarted', 2);
  expect(await runsOf(stack.pool, one.id)).toBe(2);
  await expectInvariants(stack.pool, one.id);
});

describe.each<Cause>(['session', 'block'])('the end of a %s', (cause) => {
  test('what comes during the last step of a run is taken by that run', async () => {
    const one = await endings.conversation(cause);
    await completed(one.id);
    let open: () => void = () => undefined;
    endings.gate = new Promise((resolve) => (open = resolve));
    await one.comeToItsEnd();
    const before = await signalsTo(one.id);
    const sent = Promise.all(arrivals.map((arrival) => one.send(arrival)));
    await until(async () => (await signalsTo(one.id)) === before + 2);
    open();
    await sent;
    await one.expectAllTaken();
    expect(await runsOf(stack.pool, one.id)).toBe(2);
  });

  test('what comes as a run completes is taken by that run or by the next one', async () => {
    const all = await Promise.all(arrivals.map(() => endings.conversation(cause)));
    const haveMet = async (): Promise<boolean> => {
      const met = await Promise.all(all.map(({ id }) => hasMetTheEnd(id)));
      return met.every(Boolean);
    };
    for (let round = 0; round < 10 || (round < 60 && !(await haveMet())); round += 1) {
      const race = all.map(async (one, index) => {
        await one.comeToItsEnd();
        // Before the task that completes the run, while it is out, or after it.
        await pause(round % 10);
        await one.send(required(arrivals[(round + index) % arrivals.length]));
      });
      await Promise.all(race);
    }
    expect(await haveMet()).toBe(true);
    for (const one of all) await one.expectAllTaken();
  }, 120_000);
});
