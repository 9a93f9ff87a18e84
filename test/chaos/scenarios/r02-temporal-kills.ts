import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { faultsOf, rageDuring, rageThrough } from '../storm.ts';
import { underLoad } from '../under-load.ts';

/** Webhooks are accepted meanwhile: one that is refused for want of Temporal is a finding. */
export const r2: Scenario = {
  id: 'R2',
  title: 'Temporal is killed; webhooks are accepted meanwhile, and workers come back by themselves',
  async run(arena, { messages, isShort }) {
    const { temporal } = faultsOf(arena);
    let refused = 0;
    const outcome = await underLoad(arena, {
      load: { messages, threads: isShort ? 20 : 200, ...(!isShort && { perSecond: 60 }) },
      async rage(load) {
        const struck = isShort ? rageThrough(load, [0, 1].map(temporal)) : rageDuring(load, 15_000, temporal);
        await Promise.all([struck, load.over]);
        refused = load.ledger.answers.filter(({ call, status }) => call === 'webhook' && status !== 200).length;
        return struck;
      },
    });
    return withFindings(outcome, objectTo('accepted', refused === 0 ? [] : [`${refused} webhooks were not accepted`]));
  },
};
