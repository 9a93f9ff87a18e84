import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { runsOf } from '../support/runs.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import { oneTo } from './engine.ts';

let stack: ActorStack;

beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
});
afterAll(() => stack.close());

it('R6: every webhook ten times at once, and all of them again after a restart and after continue-as-new: one effect each', async () => {
  const account = await stack.account();
  const everyWebhook: string[] = [];
  /** How it is taken, each time. */
  const tenTimes = (externalId: string) =>
    Promise.all(oneTo(10).map(() => stack.write(account, 'ann', externalId, externalId)));
  const againAndAgain = async (): Promise<void> => {
    const kinds = (await Promise.all(everyWebhook.map(tenTimes))).flat().map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['duplicate']));
  };
  let id: ActorId | undefined;
  const write = async (): Promise<ActorId> => {
    const externalId = `m${everyWebhook.length + 1}`;
    everyWebhook.push(externalId);
    const answers = await tenTimes(externalId);
    expect(answers.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'duplicate')).toHaveLength(9);
    id = { accountId: account.accountId, conversationId: required(answers[0]?.conversationId) };
    await stack.caughtUp(id);
    return id;
  };

  while (everyWebhook.length < 5) await write();
  await stack.stopWorker();
  await againAndAgain();
  await stack.startWorker();
  const actor = await write();
  const runsBefore = await runsOf(stack.pool, actor);
  await until(async () => {
    await write();
    return (await runsOf(stack.pool, actor)) > runsBefore;
  }, 60_000);
  await againAndAgain();
  await write();

  await stack.sees(actor, 'CustomerMessageAccepted', everyWebhook.length);
  expectInOrder(await expectInvariants(stack.pool, actor), everyWebhook.length);
}, 180_000);
