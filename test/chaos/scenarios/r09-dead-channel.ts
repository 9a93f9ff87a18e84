import { setTimeout as pause } from 'node:timers/promises';
import { startLoad } from '../load.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';

const rate = { perSecond: 20, burst: 5 };
/** Attempts at a channel that is gone come less and less often. */
const restsMs = 180_000;

export const r9: Scenario = {
  id: 'R9',
  title: 'a channel is dead for a while: all is delivered later, in order, within its rate',
  run: (arena, { messages, isShort }) =>
    withAccount(arena, { channelSettings: { rate } }, async (account) => {
      const { backend } = account.channels.knowing;
      await backend.die();
      const load = startLoad(account, { messages: isShort ? 60 : messages / 20, threads: isShort ? 10 : 50 });
      const deadMs = isShort ? 3_000 : 60_000;
      await Promise.all([load.over, pause(deadMs)]);
      await backend.revive();
      const before = backend.books.deliveries.length;
      const startedAt = performance.now();
      const { outcome } = await judge(arena, account, load, { restsMs });
      const heard = backend.books.deliveries.length - before;
      const leastMs = ((heard - rate.burst) / rate.perSecond) * 1_000;
      const ms = Math.round(performance.now() - startedAt);
      const wrong = ms < leastMs ? [`${heard} deliveries in ${ms} ms; the rate allows them in ${leastMs} ms`] : [];
      return withFindings(outcome, objectTo('rate', wrong), { deadMs, deliveredIn: ms });
    }),
};
