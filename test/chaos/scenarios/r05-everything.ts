import { seededNumbers } from '../../bench/seeded.ts';
import type { Scale, Scenario } from '../scenario.ts';
import { type Fault, type FaultKind, faultsOf, rageDuring, rageThrough } from '../storm.ts';
import { underLoad } from '../under-load.ts';

/** What a short run goes through, each of a kind at least once. */
const shortKinds: FaultKind[] = ['worker', 'worker', 'api', 'api', 'postgres', 'temporal'];
const kinds: FaultKind[] = ['worker', 'worker', 'worker', 'api', 'api', 'api', 'postgres', 'temporal'];

export const r5: Scenario = {
  id: 'R5',
  title: 'everything is killed, at random',
  run(arena, scale) {
    const faults = faultsOf(arena);
    const below = seededNumbers(scale.seed);
    const next = (no: number): Fault => faults[kinds[below(kinds.length)] ?? 'worker'](no);
    return underLoad(arena, {
      load: loadOf(scale),
      rage: (load) =>
        scale.isShort
          ? rageThrough(
              load,
              shuffled(
                shortKinds.map((kind, no) => faults[kind](no)),
                below,
              ),
            )
          : rageDuring(load, 4_000, next),
    });
  },
};

const loadOf = ({ messages, isShort }: Scale): { messages: number; threads: number; perSecond?: number } =>
  isShort ? { messages, threads: 20 } : { messages, threads: 200, perSecond: 30 };

function shuffled<T>(all: T[], below: (limit: number) => number): T[] {
  return all
    .map((one) => ({ one, at: below(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
