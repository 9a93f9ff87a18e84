/** A run completes when nothing is open. What comes at that very moment is neither lost nor doubled. */
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import {
  watchEndings,
  type Arrival,
  type Cause,
  type EndingConversation,
  type Endings,
} from '../support/ending-conversation.ts';
import { createGate, type Gate } from '../support/gate.ts';
import { holdableWayTo, type HoldableWay } from '../support/holdable-way.ts';
import { runIdsOf, runsOf } from '../support/runs.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';

let stack: ActorStack;
let endings: Endings;
let way: HoldableWay;

beforeAll(async () => {
  stack = await startActorStack();
  endings = watchEndings(stack);
  way = await holdableWayTo(temporalAddress());
  stack.workerAddress = way.address;
  await stack.startWorker();
});
afterAll(async () => {
  await stack.close();
  await way.close();
});

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

/** Tasks of the second run whose completion Temporal has dropped because something had come in. */
async function dropped(id: ActorId): Promise<number> {
  const [, runId] = await runIdsOf(stack.pool, id);
  const { events } = await handleOf(id, runId).fetchHistory();
  return (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes?.cause === unhandledCommand).length;
}

/** The run's last activity is under way, and stays so until the gate is opened. */
async function inItsLastStep(one: EndingConversation): Promise<Gate> {
  await completed(one.id);
  const gate = createGate();
  endings.gate = gate.pass();
  await one.comeToItsEnd();
  await until(() => waitsForOneActivity(one.id));
  return gate;
}

/** No other activity is out, and no task: the next is the one that the end of this activity brings about. */
async function waitsForOneActivity(id: ActorId): Promise<boolean> {
  const { raw } = await handleOf(id).describe();
  return raw.pendingActivities?.length === 1 && !raw.pendingWorkflowTask;
}

/** All that was sent has had its effect, and no run is under way, which another test could take for its own. */
async function settled(one: EndingConversation): Promise<void> {
  await one.expectAllTaken();
  await completed(one.id);
}

/** The worker has completed the run, and Temporal learns it only when the gate is opened. */
async function withItsCompletionOut(one: EndingConversation): Promise<Gate> {
  const lastStep = await inItsLastStep(one);
  const completion = way.hold('RespondWorkflowTaskCompleted');
  lastStep.open();
  await completion.reached;
  return completion;
}

test('P10: a conversation with nothing open completes, and its next message starts it again', async () => {
  const one = await endings.conversation('session');
  await completed(one.id);
  expect(await runsOf(stack.pool, one.id)).toBe(1);
  await one.send('message');
  await stack.sees(one.id, 'SessionStarted', 2);
  await settled(one);
  expect(await runsOf(stack.pool, one.id)).toBe(2);
});

describe.each<Cause>(['session', 'block'])('the end of a %s', (cause) => {
  test('what comes during the last step of a run is taken by that run', async () => {
    const one = await endings.conversation(cause);
    const lastStep = await inItsLastStep(one);
    const before = await signalsTo(one.id);
    const sent = Promise.all(arrivals.map((arrival) => one.send(arrival)));
    await until(async () => (await signalsTo(one.id)) === before + 2);
    lastStep.open();
    await sent;
    await settled(one);
    expect(await runsOf(stack.pool, one.id)).toBe(2);
  });

  test.each<Arrival>(['message', 'signal'])('a %s that meets the completion is taken by that run', async (arrival) => {
    const one = await endings.conversation(cause);
    const completion = await withItsCompletionOut(one);
    const before = await dropped(one.id);
    await one.send(arrival);
    await until(() => one.hasArrived(arrival));
    completion.open();
    await settled(one);
    expect(await dropped(one.id)).toBeGreaterThan(before);
    expect(await runsOf(stack.pool, one.id)).toBe(2);
  });

  test('an update that meets the completion is taken by the next run', async () => {
    const one = await endings.conversation(cause);
    const completion = await withItsCompletionOut(one);
    const sent = one.send('update');
    await until(() => one.hasArrived('update'));
    completion.open();
    await sent;
    await settled(one);
    expect(await runsOf(stack.pool, one.id)).toBe(3);
  });

  test.each(arrivals)('what comes by %s after the completion is taken by the next run', async (arrival) => {
    const one = await endings.conversation(cause);
    const completion = await withItsCompletionOut(one);
    completion.open();
    await completed(one.id);
    await one.send(arrival);
    await settled(one);
    expect(await runsOf(stack.pool, one.id)).toBe(3);
  });
});
