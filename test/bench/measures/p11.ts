import { repeats, repliesOf } from '../repeating-bot.ts';
import { startConversations } from '../conversations.ts';
import { atMost, percentiles } from '../figures.ts';
import type { Measure } from '../measure.ts';

export const p11: Measure = {
  title:
    'P11: a bot’s reply after SIGKILL of the only worker, restarted at once, in a conversation that it had in memory',
  async run({ arena, short }) {
    const account = await arena.createAccount({ bot: repeats });
    const replyTo = repliesOf(account);
    const chats = await startConversations(arena, account, short ? 1 : 10);
    const [replied, ready]: number[][] = [[], []];
    for (const { thread } of chats) {
      await replyTo(thread, 1);
      await arena.worker.kill();
      const startedAt = performance.now();
      const starting = arena.worker.start();
      await replyTo(thread, 2);
      replied?.push(performance.now() - startedAt);
      ready?.push(await starting);
    }
    const times = percentiles(replied ?? []);
    return [
      { name: 'reply after the worker’s start, p50', value: times.p50, unit: 'ms' },
      atMost('reply after the worker’s start, slowest', times.max, 'ms', 3_000),
      { name: 'worker ready after, p50', value: percentiles(ready ?? []).p50, unit: 'ms' },
    ];
  },
};
