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

/** `threw`: the input will be parked. */
export type Decided<E> = Decision<E> | { kind: 'threw'; error: string };

export function decideSafely<S, I, E extends { type: string; at: number }, W extends Work>(
  decider: Decider<S, I, E, W>,
  from: S,
  input: I,
  now: number,
): Decided<E> {
  try {
    const decision = decider.decide(from, input, now);
    // Folding is part of deciding: an event that can't be folded must not be recorded.
    if (decision.kind === 'accepted') decision.events.reduce((s, event) => decider.evolve(s, event), from);
    return decision;
  } catch (error) {
    return { kind: 'threw', error: error instanceof Error ? error.name : 'unknown' };
  }
}

/** Takes an input into the draft, whatever came of it. */
export function applyTo<S, I, E extends { type: string; at: number }, W extends Work>(
  decider: Decider<S, I, E, W>,
  draft: Draft<S, E>,
  decided: Decided<E>,
  cause: Cause,
  at: number,
): void {
  draft.taken += 1;
  draft.lastAt = Math.max(draft.lastAt, at);
  if (cause.kind === 'inbox') draft.seq = cause.seq;
  if (decided.kind === 'threw') {
    draft.parked.push({ seq: cause.kind === 'inbox' ? cause.seq : null, error: decided.error });
  }
  if (decided.kind !== 'accepted') return;
  for (const event of decided.events) {
    draft.state = decider.evolve(draft.state, event);
    draft.events.push({ event, cause });
  }
}
