import type { Scenario } from '../scenario.ts';
import { faultsOf, rageDuring, rageThrough } from '../storm.ts';
import { underLoad } from '../under-load.ts';

/** One of the two APIs, in turn; its courier goes with it. Every 2xx is in the history. */
export const r4: Scenario = {
  id: 'R4',
  title: 'an API is killed every 2 s',
  run(arena, { messages, isShort }) {
    const { api } = faultsOf(arena);
    return underLoad(arena, {
      load: { messages, threads: isShort ? 20 : 200, ...(!isShort && { perSecond: 60 }) },
      rage: (load) => (isShort ? rageThrough(load, [0, 1, 2].map(api)) : rageDuring(load, 2_000, api)),
    });
  },
};
