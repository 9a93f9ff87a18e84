/** A rated channel and many conversations: nothing is lost or overtaken, and no time has more than the channel takes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { until } from '../support/until.ts';

let stack: ActorStack;
beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
});
afterAll(() => stack.close());

test('what many conversations say at once goes out at the rate of their channel, each in its order', async () => {
  const rate = { perSecond: 6, burst: 2 };
  const account = await stack.account({ channelSettings: { rate } });
  stack.bot.answer = () => ({
    messages: [{ text: 'one' }, { text: 'two' }, { text: 'three' }],
    handover: null,
    intake: null,
  });
  const threads = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(threads.map((thread) => stack.write(account, thread, 'hello')));
  await until(() => Promise.resolve(stack.channel.heard.length === 15), 60_000);

  for (const thread of threads) {
    const heard = stack.channel.heard.filter((sending) => sending.thread === thread);
    expect(heard.map(({ content }) => content.text)).toEqual(['one', 'two', 'three']);
  }
  const went = await inAccount(stack.pool, account.accountId, async (tx) => {
    const { rows } = await tx.query<{ at: Date; outcome: string }>(
      `SELECT at, outcome FROM outbound_attempts WHERE account_id = $1 AND outcome = 'begun' ORDER BY at`,
      [account.accountId],
    );
    return rows.map(({ at }) => at.getTime());
  });
  expect(went).toHaveLength(15);
  for (const [first, from] of went.entries()) {
    for (const [beyond, to] of went.slice(first).entries()) {
      expect(beyond + 1).toBeLessThanOrEqual(rate.burst + rate.perSecond * ((to - from) / 1_000 + 1));
    }
  }
});
