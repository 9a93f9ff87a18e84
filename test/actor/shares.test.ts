/** A worker's slots are everybody's: an account whose bot is slow leaves others theirs, and pays for it with no try of a turn. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';

const share = 2;
let stack: ActorStack;
beforeAll(async () => {
  stack = await startActorStack();
  stack.callsPerAccount = share;
  await stack.startWorker();
});
afterAll(() => stack.close());

test('whoever finds the account’s share used up comes again, and was never a failed try; others are not held up', async () => {
  const slow = await stack.account({ numbers: { bot: { tries: 1, timeoutMs: 14_000 } } });
  const quick = await stack.account();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let [out, most] = [0, 0];
  stack.bot.answer = async (turn) => {
    if (turn.conversation.channel.id === slow.channelId) {
      out += 1;
      most = Math.max(most, out);
      await released;
      out -= 1;
    }
    return { messages: [{ text: 'here you are' }], handover: null, intake: null };
  };

  const threads = ['a', 'b', 'c', 'd', 'e', 'f'];
  const written = await Promise.all(threads.map((thread) => stack.write(slow, thread, 'hello')));
  await until(() => out === share);
  await stack.write(quick, 'z', 'hello');
  await until(() => stack.channel.heard.some(({ thread }) => thread === 'z'));
  expect(stack.channel.heard).toHaveLength(1);

  release();
  await until(() => stack.channel.heard.length === 1 + threads.length);
  expect(most).toBe(share);
  for (const { conversationId } of written) {
    const events = await stack.events({ accountId: slow.accountId, conversationId: required(conversationId) });
    expect(events.map(({ type }) => type)).not.toContain('BotTurnRetried');
    expect(events.map(({ type }) => type)).not.toContain('BotTurnFailed');
  }
});
