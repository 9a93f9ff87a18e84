import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Unanswered } from '../../courier/commands.ts';
import { workflowId, type ActorId, type Outcome } from '../../workflows/conversation/messages.ts';
import type { DyingWorkerSettings } from '../support/dying-worker.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { temporalAddress } from '../support/servers.ts';
import { required } from '../support/required.ts';

let stack: ActorStack;
const children: ChildProcess[] = [];

beforeAll(async () => {
  stack = await startActorStack();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await stack.close();
});

/** temporal.api.enums.v1.TimeoutType */
const heartbeat = 4;

const script = fileURLToPath(new URL('../support/dying-worker.ts', import.meta.url));

/** Resolves when it runs. */
async function startWorker(dies: DyingWorkerSettings['dies']): Promise<ChildProcess> {
  const settings: DyingWorkerSettings = {
    databaseUrl: stack.database.workerUrl,
    address: temporalAddress(),
    taskQueue: stack.taskQueue,
    dies,
  };
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** The channel's responsible are managers, so its first message is queued by one record, without a bot. */
async function queued(
  thread: string,
): Promise<{ id: ActorId; agentId: string; write: (text: string) => Promise<void> }> {
  const account = await stack.account({ responsible: 'managers' });
  const { conversationId } = await stack.write(account, thread, 'first');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  const write = async (text: string): Promise<void> => {
    await stack.write(account, thread, text);
  };
  return { id, agentId: required(account.agentIds[0]), write };
}

/** As a client does: no answer in time means asking again with the same key. A worker takes its time to start. */
async function untilAnswered(ask: () => Promise<Outcome>): Promise<Outcome> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
    }
  }
}

/** Ends a worker that is to have lived until here: one that died by itself is told from one that is slow. */
async function stop(worker: ChildProcess): Promise<void> {
  expect(worker.signalCode ?? worker.exitCode).toBeNull();
  const exited = once(worker, 'exit');
  worker.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
}

test('R1: a batch whose record committed as the worker died is not decided twice', async () => {
  const dying = await startWorker('at-once');
  const { id, write } = await queued('batch');
  await once(dying, 'exit');
  expect(await stack.events(id)).not.toHaveLength(0);
  await write('second');
  const next = await startWorker('never');
  await stack.caughtUp(id);
  await stop(next);
  expectInOrder(await expectInvariants(stack.pool, id), 2);
}, 120_000);

test('B-7: an action recorded as the worker died, a message in between: the agent gets the outcome, once', async () => {
  for (let round = 0; round < 2; round += 1) {
    const dying = await startWorker('at-a-command');
    const { id, agentId, write } = await queued(`action-${round}`);
    await stack.sees(id, 'ConversationQueued');
    const by = { kind: 'agent' as const, agentId };
    const outcome = untilAnswered(() => stack.commands.execute(id, 'Join', { key: `killed:${round}`, by, agentId }));
    await once(dying, 'exit');
    expect((await stack.state(id))?.phase.name).toBe('assigned');
    await write('in between');
    const next = await startWorker('never');
    const died = once(next, 'exit').then(() => 'the next worker died, too');
    expect(await Promise.race([outcome, died])).toMatchObject({ ok: true, phase: 'assigned' });
    await stack.caughtUp(id);
    const events = await expectInvariants(stack.pool, id);
    expect(events.filter((event) => event.type === 'ConversationAssigned')).toHaveLength(1);
    expectInOrder(events, 2);
    await stop(next);
  }
}, 120_000);

test('P11: what a dead worker had begun outside is repeated as soon as nobody says any more that it is under way', async () => {
  const dying = await startWorker('at-a-turn');
  const account = await stack.account();
  const { conversationId } = await stack.write(account, 'turn', 'hello');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  await once(dying, 'exit');
  const next = await startWorker('never');
  const handle = stack.temporal.client.getHandle(workflowId(id));
  const repeated = await vi.waitUntil(
    async () => {
      const { events } = await handle.fetchHistory();
      const started = events?.map(({ activityTaskStartedEventAttributes: attributes }) => attributes);
      return started?.find((attributes) => attributes?.attempt === 2);
    },
    { timeout: 60_000 },
  );
  const timedOut = repeated.lastFailure?.timeoutFailureInfo?.timeoutType;
  expect(timedOut).toBe(heartbeat);
  await stop(next);
}, 120_000);
