/**
 * One input until the record has said yes: decide, commit, and after a refusal decide again with the refusal as a fact.
 *
 * The guarantee: it ends. A core that answers every refusal with something that is refused in its turn gets its last
 * word after a few tries: the input is parked, visibly, and what comes after it goes on (R10).
 */
import type { Decider, Work } from './decider.ts';
import { applyTo, askSafely, decideSafely, type Decided, type Draft } from './draft.ts';
import type { Beside, Journal } from './journal.ts';
import { unrecordable, type Cause, type RecordAnswer } from './record.ts';

/**
 * Refusal of a record that was decided with facts (`readContext`) that have changed since: they are read anew. Where none
 * were read (they came with the outcome of some work) the core is told as of any other refusal.
 */
export const contextChanged = 'context-changed';

/** A claim at the limit, then a group that is gone, then a session that begins elsewhere: no honest case needs more. */
const refusalsPerInput = 4;

export interface Matter<S, I, E> {
  input(): I;
  /** Epoch ms; not before the last time that was recorded. */
  at: number;
  cause: Cause;
  /** What goes into the record with it. */
  beside?(decided: Decided<S, E>, draft: Draft<S, E>): Beside;
  /** False: what it came to changes nothing, and nobody has to find it. */
  isRecorded?(decided: Decided<S, E>): boolean;
  /** A refusal that no decision can answer, only time. */
  waitsOn?: string;
  /** The record has refused it already. */
  refusal?: string;
  /** What it comes to when every answer was refused; parked unless said otherwise. */
  lastWord?(refusal: string): Decided<S, E>;
}

/** What an input came to, and what the record said of it; null: it needed none. */
export interface Settled<S, E> {
  decided: Decided<S, E>;
  draft: Draft<S, E>;
  answer: RecordAnswer<S> | null;
}

export type Settle<S, I, E> = (matter: Matter<S, I, E>) => Promise<Settled<S, E>>;

export function createSettle<S, I, E extends { type: string; at: number }, W extends Work>(
  decider: Decider<S, I, E, W>,
  journal: Journal<S, I, E>,
): Settle<S, I, E> {
  const decideAnew = async ({ input, at }: Matter<S, I, E>, refusal: string | null): Promise<Decided<S, E>> => {
    // What is asked for depends on the refusal: it may lead elsewhere.
    const known = (): I => (refusal === null ? input() : decider.withRefusal(input(), refusal));
    const asked = await journal.withContext(known);
    return asked.kind === 'threw' ? asked : decideSafely(decider, journal.state, asked.value, at);
  };

  const commit = async (matter: Matter<S, I, E>, decided: Decided<S, E>): Promise<Settled<S, E>> => {
    const draft = journal.draft();
    applyTo(draft, decided, matter.cause, matter.at);
    if (matter.isRecorded?.(decided) === false) return { decided, draft, answer: null };
    return { decided, draft, answer: await journal.commit(draft, matter.beside?.(decided, draft)) };
  };

  const isReadAnew = ({ input }: Matter<S, I, E>, refusal: string): boolean => {
    if (refusal !== contextChanged) return false;
    const asked = askSafely(() => decider.needsContext(journal.state, input()));
    return asked.kind === 'said' && asked.value !== null;
  };

  return async (matter) => {
    const park = (error: string): Decided<S, E> => ({ kind: 'threw', error });
    let fact = matter.refusal ?? null;
    let last = fact ?? contextChanged;
    for (let tries = 0; tries < refusalsPerInput; tries += 1) {
      if (fact === unrecordable) return commit(matter, park(unrecordable));
      const settled = await commit(matter, await decideAnew(matter, fact));
      if (settled.answer?.kind !== 'refused' || settled.answer.code === matter.waitsOn) return settled;
      last = settled.answer.code;
      if (!isReadAnew(matter, last)) fact = last;
    }
    return commit(matter, (matter.lastWord ?? park)(last));
  };
}
