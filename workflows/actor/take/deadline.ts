/** Lets a deadline fire, with its own time; one of silence not before the rows that break it have been taken. */
import type { DeadlineOf, Decider, Work } from '../decider.ts';
import { nameOf, type Due } from '../due.ts';
import type { Journal } from '../journal.ts';
import type { Settle } from '../settle.ts';

const inboxWaiting = 'inbox-waiting';

export async function takeDeadline<S, I, E extends { type: string; at: number }, W extends Work>(
  shell: { decider: Decider<S, I, E, W>; journal: Journal<S, I, E>; due: Due; settle: Settle<S, I, E> },
  deadline: DeadlineOf,
): Promise<void> {
  const { decider, journal, due, settle } = shell;
  const { answer } = await settle({
    input: () => decider.onDeadline(deadline),
    // One of silence may have waited for rows while later inputs were taken: time does not run backwards for it.
    at: Math.max(deadline.at, journal.stored.lastAt),
    cause: { kind: 'deadline', deadline: deadline.kind },
    waitsOn: inboxWaiting,
    beside: () => (deadline.silence ? { silentUntil: deadline.at } : {}),
  });
  if (answer?.kind === 'moved') return;
  if (answer?.kind === 'refused') due.wait();
  else if (decider.deadlines(journal.state).some((one) => nameOf(one) === nameOf(deadline))) due.passOver(deadline);
}
