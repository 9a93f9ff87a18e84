/** Takes a command: its sender gets the outcome, the same for the same key, and a rejection is a value. */
import type { Decider, Rejected, Work } from '../decider.ts';
import type { Decided, Draft } from '../draft.ts';
import type { Journal } from '../journal.ts';
import type { Letter } from '../mailbox.ts';
import { unrecordable } from '../record.ts';
import type { Settle } from '../settle.ts';

/** A command as the shell sees it; the core knows more of it. */
export interface Addressed {
  /** Empty: it came without one, so its outcome can't be asked for. */
  key: string;
  keyDigest?: string;
  at?: number;
  after?: number;
  by: unknown;
}

/** What the sender of a command reads. */
export interface Answers<S, E, O> {
  accepted(after: S, events: E[], version: number): O;
  rejected(rejection: Rejected): O;
}

export interface LetterTaking<S, I, E extends { type: string; at: number }, W extends Work, C, O> {
  decider: Decider<S, I, E, W>;
  journal: Journal<S, I, E>;
  settle: Settle<S, I, E>;
  answers: Answers<S, E, O>;
  asInput(command: C): I;
}

/** Null: an earlier try got further. Its state stands now, and the letter is to be taken again, in its turn. */
export async function takeLetter<S, I, E extends { type: string; at: number }, W extends Work, C extends Addressed, O>(
  shell: LetterTaking<S, I, E, W, C, O>,
  letter: Letter<C, O>,
  at: number,
): Promise<{ outcome: O } | null> {
  const { journal, settle, asInput } = shell;
  const { key, keyDigest, by } = letter.command;
  const settled = await settle({
    input: () => asInput(letter.command),
    at,
    cause: { kind: 'command', name: letter.name, key, by },
    beside: (decided, draft) =>
      key === '' ? {} : { command: { key, digest: keyDigest ?? null, outcome: outcomeOf(shell, decided, draft) } },
    // Somebody waits for a rejection, so it needs no record of ours; unless the key has an answer already.
    isRecorded: ({ kind }) => kind !== 'rejected' || letter.unattended || journal.stored.keys.includes(key),
    lastWord: refusedForGood,
  });
  if (settled.answer?.kind === 'moved') return null;
  if (settled.answer?.kind === 'repeated') return { outcome: settled.answer.outcome as O };
  return { outcome: outcomeOf(shell, settled.decided, settled.draft) };
}

/** A core that has no other answer to a refusal than what was refused: the refusal is the answer. */
function refusedForGood(code: string): Decided<never, never> {
  return code === unrecordable
    ? { kind: 'threw', error: unrecordable }
    : { kind: 'rejected', rejection: { code, reason: 'Refused by the record.', allowed: [] } };
}

function outcomeOf<S, E, O>(
  { answers, journal }: { answers: Answers<S, E, O>; journal: { readonly stored: { version: number } } },
  decided: Decided<S, E>,
  draft: Draft<S, E>,
): O {
  if (decided.kind === 'rejected') return answers.rejected(decided.rejection);
  if (decided.kind === 'threw') {
    const reason = 'The command could not be decided; people were told.';
    return answers.rejected({ code: 'parked', reason, allowed: [] });
  }
  const events = draft.events.map((caused) => caused.event);
  return answers.accepted(draft.state, events, journal.stored.version);
}
