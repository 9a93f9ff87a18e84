/**
 * Time travel: the state that a conversation was in at any instant, by its own time. An input's time is when it was stored or
 * accepted, a deadline's when it was due; what was recorded only after the instant is said, for nobody could see it then.
 */
import { deadlines } from '../../workflows/conversation/deadlines.ts';
import type { Deadline } from '../../workflows/conversation/inputs.ts';
import { pending } from '../../workflows/conversation/pending.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import type { FoldedEvent } from './fold.ts';

export interface Moment {
  /** ISO. */
  at: string;
  /** Events up to then; 0: nothing had been decided yet. */
  events: number;
  /** Of the first event after it, ISO; null: there is none. */
  next: string | null;
  /** null: nothing had been decided yet, or the events up to then can't be folded. */
  state: ConversationState | null;
  /** Armed in that state. */
  deadlines: Deadline[];
  /** Ids of the work that stood in it. */
  pending: string[];
  /** Of these events, those that were recorded only later. */
  recordedLater: number[];
}

/** `at`: epoch ms. */
export function momentAt(folded: FoldedEvent[], at: number): Moment {
  const after = folded.findIndex(({ stored }) => stored.at > at);
  const before = after === -1 ? folded : folded.slice(0, after);
  const state = before.at(-1)?.after ?? null;
  const next = folded[before.length]?.stored.at;
  return {
    at: new Date(at).toISOString(),
    events: before.length,
    next: next === undefined ? null : new Date(next).toISOString(),
    state,
    deadlines: state === null ? [] : deadlines(state).toSorted((a, b) => a.at - b.at),
    pending: state === null ? [] : pending(state).map(({ id }) => id),
    recordedLater: before.flatMap(({ stored }) => (stored.recordedAt > at ? [stored.no] : [])),
  };
}
