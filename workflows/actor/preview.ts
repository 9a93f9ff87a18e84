/**
 * What a command would come to, before it is taken in: a rejection that is certain, or null. In doubt it is let through,
 * and the record lane decides: something in hand, a place not reached, a deadline due or facts not read may change what
 * comes of it, and a repeat has its outcome already.
 */
import type { Decider, Rejected, Work } from './decider.ts';
import { askSafely, decideSafely } from './draft.ts';
import type { Due } from './due.ts';
import type { Mailbox, Placed } from './mailbox.ts';
import type { StoredActor } from './record.ts';
import type { Addressed } from './take/letter.ts';
import type { ActorTime } from './time.ts';

export interface Previewing<S, I, E extends { type: string; at: number }, W extends Work, R extends Placed, C, O> {
  decider: Decider<S, I, E, W>;
  journal: { readonly state: S; readonly stored: StoredActor<S> };
  mailbox: Mailbox<R, C, W, O>;
  due: Due;
  time: ActorTime;
  asInput(command: C): I;
}

export function preview<
  S,
  I,
  E extends { type: string; at: number },
  W extends Work,
  R extends Placed,
  C extends Addressed,
  O,
>(shell: Previewing<S, I, E, W, R, C, O>, command: C): Rejected | null {
  const { decider, journal, mailbox, due } = shell;
  const at = shell.time.of(command.at);
  const isNext =
    mailbox.isEmpty(journal.stored.seq) &&
    (command.after ?? 0) <= journal.stored.seq &&
    !journal.stored.keys.includes(command.key) &&
    due.before(decider.deadlines(journal.state), at) === null;
  if (!isNext) return null;
  const input = shell.asInput(command);
  const asked = askSafely(() => decider.needsContext(journal.state, input));
  if (asked.kind === 'threw' || asked.value !== null) return null;
  const decided = decideSafely(decider, journal.state, input, at);
  return decided.kind === 'rejected' ? decided.rejection : null;
}
