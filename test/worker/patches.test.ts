/** Why builds are pinned, and no patches are used: what becomes of conversations where a release is taken back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { buildBundle } from '../../worker/bundle.ts';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import { bundleReplacing } from '../replay/changed/bundle.ts';
import { patched } from './newer/files.ts';

let stack: ActorStack;
let codes: { released: string; next: string };
beforeAll(async () => {
  const [released, next] = await Promise.all([buildBundle(), bundleReplacing(patched)]);
  codes = { released: released.code, next };
  stack = await startActorStack();
  stack.bot.answer = () => ({ messages: [{ text: 'hello' }], handover: null, intake: null });
});
afterAll(() => stack.close());

async function failedTasks(id: ActorId): Promise<number> {
  const { events } = await stack.temporal.client.getHandle(workflowId(id)).fetchHistory();
  return (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes).length;
}

test('B-19: with a patch the release before can’t go on with what the next one began; the next one can with what came before', async () => {
  const account = await stack.account();
  const write = async (thread: string, count: number): Promise<ActorId> => {
    const { conversationId } = await stack.write(account, thread, 'hi');
    const id = { accountId: account.accountId, conversationId: required(conversationId) };
    await stack.caughtUp(id);
    await until(() => stack.channel.heard.filter((sending) => sending.thread === thread).length === count);
    return id;
  };
  const [before, after] = [uuid(), uuid()];
  const released = await stack.startWorkerOf({ code: codes.released, build: 'released' });
  await write(before, 1);
  await released.stop();
  const next = await stack.startWorkerOf({ code: codes.next, build: 'next' });
  expect(await failedTasks(await write(before, 2))).toBe(0);
  const id = await write(after, 1);
  await next.stop();

  const again = await stack.startWorkerOf({ code: codes.released, build: 'released' });
  await stack.write(account, after, 'is anybody there?');
  await until(async () => (await failedTasks(id)) > 0);
  await again.stop();
});
