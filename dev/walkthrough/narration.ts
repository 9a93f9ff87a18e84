import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

/** A step went differently from what it says. Carries both, for whoever has to find out why. */
export class Difference extends Error {
  override readonly name = 'Difference';
}

const WAIT_AT_MOST_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Says what happens in plain words, and holds the system to them. */
export interface Narration {
  step(title: string): void;
  /** The number of the step that is told, from 1. */
  readonly steps: number;
  /** Words that somebody said. */
  said(who: string, words: string): void;
  /** What was found to be so. */
  note(fact: string): void;
  /** Throws `Difference` unless `actual` is `expected`. */
  equal(fact: string, actual: unknown, expected: unknown): void;
  /** Looks again and again until it is so; the answer is what was looked at. */
  until<T>(fact: string, look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T>;
}

export function createNarration(print: (line: string) => void): Narration {
  let steps = 0;
  const note = (fact: string) => print(`     ✓ ${fact}`);
  return {
    step(title) {
      steps += 1;
      print(`\n${String(steps).padStart(2)}.  ${title}`);
    },
    get steps() {
      return steps;
    },
    said: (who, words) => print(`     ${who.padEnd(9)}${words}`),
    note,
    equal(fact, actual, expected) {
      if (!isDeepStrictEqual(actual, expected)) throw different(fact, actual, expected);
      note(fact);
    },
    async until(fact, look, holds) {
      const deadline = performance.now() + WAIT_AT_MOST_MS;
      for (;;) {
        const seen = await look();
        if (holds(seen)) {
          note(fact);
          return seen;
        }
        if (performance.now() > deadline) {
          throw new Difference(
            `Not so after ${WAIT_AT_MOST_MS / 1_000} s: ${fact}\nSeen: ${JSON.stringify(seen, null, 2)}`,
          );
        }
        await wait(LOOK_EVERY_MS);
      }
    },
  };
}

export function different(fact: string, actual: unknown, expected: unknown): Difference {
  const shown = (value: unknown) => JSON.stringify(value, null, 2);
  return new Difference(`Not so: ${fact}\nExpected: ${shown(expected)}\nFound: ${shown(actual)}`);
}
