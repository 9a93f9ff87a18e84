import { setTimeout as pause } from 'node:timers/promises';
import { startLoad } from '../load.ts';
import { overRate } from '../oracles/rate.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';

/** So low that what has piled up can't be gone at once. */
const rates = { short: { perSecond: 4, burst: 2 }, full: { perSecond: 20, burst: 5 } };
/** Attempts at a channel that is gone come less and less often. */
const restsMs = 180_000;

export const r9: Scenario = {
  id: 'R9',
  title: 'a channel is dead for a while: all is delivered later, in order, within its rate',
  run: (arena, { messages, isShort }) => {
    const rate = isShort ? rates.short : rates.full;
    return withAccount(arena, { channelSettings: { rate } }, async (account) => {
      const { backend } = account.channels.knowing;
      await backend.die();
      const load = startLoad(account, { messages: isShort ? 60 : messages / 20, threads: isShort ? 10 : 50 });
      const deadMs = isShort ? 3_000 : 60_000;
      await Promise.all([load.over, pause(deadMs)]);
      const times: number[] = [];
      backend.plan(() => {
        times.push(performance.now());
        return null;
      });
      const revivedAt = performance.now();
      await backend.revive();
      const { outcome } = await judge(arena, account, load, { restsMs });
      const deliveredInMs = Math.round((times.at(-1) ?? revivedAt) - revivedAt);
      return withFindings(outcome, objectTo('rate', overRate(times, rate)), { deadMs, deliveredInMs });
    });
  },
};
