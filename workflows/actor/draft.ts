/**
 * A decision in the making: what inputs have been decided on since the last record, and the state that they fold to.
 * Pure; a throw of the core becomes a value here (R10) and goes no further.
 */
import type { Decider, Decision, Work } from './decider.ts';
import type { Caused, Cause } from './record.ts';

export interface Draft<S, E> {
  state: S;
  events: Caused<E>[];
  seq: number;
  lastAt: number;
  taken: number;
  parked: { seq: number | null; error: string }[];
}

/** The input will be parked. */
export interface Threw {
  kind: 'threw';
  error: string;
}

type Accepted<E> = Extract<Decision<E>, { kind: 'accepted' }>;

/** `after`: what the events fold to from the state that was decided from. */
export type Decided<S, E> = (Accepted<E> & { after: S }) | Exclude<Decision<E>, Accepted<E>> | Threw;

/** What the core says to this, or that it threw. */
export function askSafely<T>(ask: () => T): { kind: 'said'; value: T } | Threw {
  try {
    return { kind: 'said', value: ask() };
  } catch (error) {
    return { kind: 'threw', error: error instanceof Error ? error.name : 'unknown' };
  }
}

export function decideSafely<S, I, E extends { type: string; at: number }, W extends Work>(
  decider: Decider<S, I, E, W>,
  from: S,
  input: I,
  now: number,
): Decided<S, E> {
  const asked = askSafely((): Decided<S, E> => {
    const decision = decider.decide(from, input, now);
    // Folding is part of deciding, and so is living with what it folds to: an event that can't be folded must not be
    // recorded, nor a state that nobody could go on from, which would hold up all that comes after.
    if (decision.kind !== 'accepted') return decision;
    const after = decision.events.reduce((s, event) => decider.evolve(s, event), from);
    decider.deadlines(after);
    decider.pending(after);
    return { ...decision, after };
  });
  return asked.kind === 'said' ? asked.value : asked;
}

/** Takes an input into the draft, whatever came of it; it was decided from the draft's state. */
export function applyTo<S, E>(draft: Draft<S, E>, decided: Decided<S, E>, cause: Cause, at: number): void {
  draft.taken += 1;
  draft.lastAt = Math.max(draft.lastAt, at);
  if (cause.kind === 'inbox') draft.seq = cause.seq;
  if (decided.kind === 'threw') {
    draft.parked.push({ seq: cause.kind === 'inbox' ? cause.seq : null, error: decided.error });
  }
  if (decided.kind !== 'accepted') return;
  draft.state = decided.after;
  draft.events.push(...decided.events.map((event) => ({ event, cause })));
}
