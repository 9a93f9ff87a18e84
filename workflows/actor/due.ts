/** Which deadline comes next: none fires early, none stays behind an input that is later, none fires for ever. */
import type { DeadlineOf } from './decider.ts';
import type { Placed } from './mailbox.ts';

export interface Due {
  /** The first deadline that has to fire before what happens at `at`; `row`: where that is an inbox row. */
  before(deadlines: DeadlineOf[], at: number, row?: Placed): DeadlineOf | null;
  /** When the first of them may fire, epoch ms. */
  times(deadlines: DeadlineOf[]): number[];
  /** A deadline of silence was refused because a row waits: it is tried again in a second, or after the next rows. */
  wait(): void;
  rowsCame(): void;
  /** It was decided on and stands as before: a bug of the core, and not to be repeated for ever. */
  passOver(deadline: DeadlineOf): void;
}

const silenceRetryMs = 1_000;

export function createDue(now: () => number): Due {
  let silenceRetryAt = 0;
  let passedOver = '';

  const standing = (deadlines: DeadlineOf[]): DeadlineOf[] =>
    deadlines.filter((deadline) => nameOf(deadline) !== passedOver);

  const isDue = (deadline: DeadlineOf, at: number, row: Placed | undefined): boolean => {
    if (!deadline.silence) return deadline.at <= at;
    // A message of the very millisecond at which silence would have ended breaks the silence. The record goes by the time
    // at which the row was stored, so this does.
    return row ? deadline.at < row.at : deadline.at <= at && now() >= silenceRetryAt;
  };

  return {
    before(deadlines, at, row) {
      const due = standing(deadlines).filter((deadline) => isDue(deadline, at, row));
      return due.sort((a, b) => a.at - b.at)[0] ?? null;
    },
    times: (deadlines) => standing(deadlines).map(({ at, silence }) => (silence ? Math.max(at, silenceRetryAt) : at)),
    wait() {
      silenceRetryAt = now() + silenceRetryMs;
    },
    rowsCame() {
      silenceRetryAt = 0;
    },
    passOver(deadline) {
      passedOver = nameOf(deadline);
    },
  };
}

export function nameOf(deadline: DeadlineOf): string {
  return `${deadline.kind}@${deadline.at}`;
}
