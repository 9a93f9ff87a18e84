import type { Scenario } from '../scenario.ts';
import { faultsOf, rageDuring, rageThrough } from '../storm.ts';
import { underLoad } from '../under-load.ts';

/** Meanwhile 503 and Retry-After, and never a false 2xx: the oracles `answers` and `falseAcknowledgement`. */
export const r3: Scenario = {
  id: 'R3',
  title: 'Postgres is killed',
  run(arena, { messages, isShort }) {
    const { postgres } = faultsOf(arena);
    return underLoad(arena, {
      load: { messages, threads: isShort ? 20 : 200, ...(!isShort && { perSecond: 60 }) },
      rage: (load) => (isShort ? rageThrough(load, [0, 1].map(postgres)) : rageDuring(load, 10_000, postgres)),
    });
  },
};
