/**
 * What the actor takes next, and when it has to look again by itself. What came of pending work goes first, so that its
 * lane goes on; then inbox rows, commands, deadlines. But where a silence is over, as after a worker's absence, rows that were
 * stored before that came are taken before it: behind it they would be of its time, and break what was over before them.
 */
import type { DeadlineOf, Decider, Work } from './decider.ts';
import type { Due } from './due.ts';
import type { Lanes } from './lanes.ts';
import type { Letter, Mailbox, Placed, Result } from './mailbox.ts';
import type { Addressed } from './take/letter.ts';
import type { ActorTime } from './time.ts';

export type Next<W, C, O> =
  | { kind: 'result'; result: Result<W> }
  | { kind: 'rows' }
  /** Rows are here, and those before them are not. */
  | { kind: 'gap' }
  | { kind: 'letter'; letter: Letter<C, O> }
  | { kind: 'deadline'; deadline: DeadlineOf };

export interface Agenda<W, C, O> {
  next(): Next<W, C, O> | null;
  /** Epoch ms; null: never. */
  wakeAt(): number | null;
}

/** How long a command waits for the inbox place that its sender had seen. */
const placeWaitMs = 5_000;

export interface AgendaParts<S, I, E extends { type: string; at: number }, W extends Work, R extends Placed, C, O> {
  decider: Decider<S, I, E, W>;
  journal: { readonly state: S; readonly stored: { seq: number } };
  mailbox: Mailbox<R, C, W, O>;
  lanes: Pick<Lanes<W>, 'wakeAt'>;
  due: Due;
  time: ActorTime;
}

export function createAgenda<
  S,
  I,
  E extends { type: string; at: number },
  W extends Work,
  R extends Placed,
  C extends Addressed,
  O,
>({ decider, journal, mailbox, lanes, due, time }: AgendaParts<S, I, E, W, R, C, O>): Agenda<W, C, O> {
  const readyLetter = (): Letter<C, O> | null => {
    const [letter] = mailbox.letters;
    if (!letter) return null;
    const placeReached = (letter.command.after ?? 0) <= journal.stored.seq;
    return placeReached || time.now() >= letter.cameAt + placeWaitMs ? letter : null;
  };

  let isCatchingUp = false;
  /** From the end of a silence on, until no row is left that was stored before what came of work came. */
  const catchesUp = (row: R | undefined, result: Result<W> | undefined): boolean => {
    const isOverdue = (): boolean =>
      decider.deadlines(journal.state).some(({ silence, at }) => silence && at <= time.now());
    const isLate = row !== undefined && (result === undefined || row.at < result.cameAt);
    isCatchingUp = isLate && (isCatchingUp || isOverdue());
    return isCatchingUp;
  };

  return {
    next() {
      const [result] = mailbox.results;
      const [row] = mailbox.rowsAfter(journal.stored.seq, 1);
      if (!catchesUp(row, result) && result) return { kind: 'result', result };
      if (row) return { kind: 'rows' };
      if (mailbox.hasGapAfter(journal.stored.seq)) return { kind: 'gap' };
      const letter = readyLetter();
      if (letter) return { kind: 'letter', letter };
      const deadline = due.before(decider.deadlines(journal.state), time.now());
      return deadline && { kind: 'deadline', deadline };
    },
    wakeAt() {
      const times = due.times(decider.deadlines(journal.state));
      if (lanes.wakeAt !== null) times.push(lanes.wakeAt);
      const [letter] = mailbox.letters;
      if (letter) times.push(letter.cameAt + placeWaitMs);
      return times.length === 0 ? null : Math.max(time.now(), Math.min(...times));
    },
  };
}
