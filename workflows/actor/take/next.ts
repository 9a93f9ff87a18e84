/** Takes what is next. Before anything that has a time, the deadlines up to that time fire: then it stays where it is. */
import type { Next } from '../agenda.ts';
import type { Work } from '../decider.ts';
import type { Lanes } from '../lanes.ts';
import type { Letter, Mailbox, Placed, Result } from '../mailbox.ts';
import type { ActorTime } from '../time.ts';
import { takeDeadline } from './deadline.ts';
import { takeRows, type RowTaking } from './inbox-rows.ts';
import { takeLetter, type Addressed, type LetterTaking } from './letter.ts';
import { takeResult } from './result.ts';

export interface Taking<S, I, E extends { type: string; at: number }, W extends Work, R extends Placed, C, O>
  extends RowTaking<S, I, E, W>, LetterTaking<S, I, E, W, C, O> {
  mailbox: Mailbox<R, C, W, O>;
  lanes: Pick<Lanes<W>, 'taken'>;
  time: ActorTime;
  ports: { askAgain(seq: number): Promise<void> };
}

const rowsPerRecord = 200;

export async function takeNext<
  S,
  I,
  E extends { type: string; at: number },
  W extends Work,
  R extends Placed & I,
  C extends Addressed,
  O,
>(shell: Taking<S, I, E, W, R, C, O>, next: Next<W, C, O>): Promise<void> {
  const { mailbox, journal, lanes, decider, due, time } = shell;

  const inTurn = (at: number, take: (at: number) => Promise<void>): Promise<void> => {
    const first = due.before(decider.deadlines(journal.state), at);
    return first ? takeDeadline(shell, first) : take(at);
  };

  const answer = (letter: Letter<C, O>): Promise<void> =>
    inTurn(time.of(letter.command.at), async (at) => {
      const answered = await takeLetter(shell, letter, at);
      if (answered === null) return;
      mailbox.letters.splice(mailbox.letters.indexOf(letter), 1);
      letter.answer(answered.outcome);
    });

  const close = (result: Result<W>): Promise<void> =>
    inTurn(time.of(), async (at) => {
      if (!(await takeResult(shell, result, at))) return;
      mailbox.results.shift();
      lanes.taken(result.work, decider.pending(journal.state));
    });

  switch (next.kind) {
    case 'result':
      return close(next.result);
    case 'rows':
      return takeRows(shell, mailbox.rowsAfter(journal.stored.seq, rowsPerRecord));
    case 'gap':
      mailbox.forgetRows();
      return shell.ports.askAgain(journal.stored.seq);
    case 'letter':
      return answer(next.letter);
    case 'deadline':
      return takeDeadline(shell, next.deadline);
  }
}
