import type { Scenario } from '../scenario.ts';
import { faultsOf, rageDuring, rageThrough } from '../storm.ts';
import { underLoad } from '../under-load.ts';

/** One of the two workers, in turn. */
export const r1: Scenario = {
  id: 'R1',
  title: 'a worker is killed every 2 s',
  run(arena, { messages, isShort }) {
    const { worker } = faultsOf(arena);
    return underLoad(arena, {
      load: { messages, threads: isShort ? 20 : 200, ...(!isShort && { perSecond: 60 }) },
      rage: (load) => (isShort ? rageThrough(load, [0, 1, 2].map(worker)) : rageDuring(load, 2_000, worker)),
    });
  },
};
