/**
 * What the shell asks of a pure core. The shell knows nothing of chats; a core knows nothing of Temporal or Postgres.
 *
 * A core keeps these promises, and the shell relies on each:
 * 1. Every function is pure: no clock, no chance, no I/O. The same arguments give the same result for years.
 * 2. State, inputs and events are plain JSON.
 * 3. There are no effects beside the state: `pending(state)` is all that has to be done outside, opened and closed by
 *    events, so a restart runs it again under the same ids.
 */
export interface Decider<S, I, E extends { type: string; at: number }, W extends Work> {
  readonly initial: S;
  /** A stored state as this code needs it: a run's history may hold one from before this code was deployed. */
  complete(stored: S): S;
  decide(state: S, input: I, now: number): Decision<E>;
  evolve(state: S, event: E): S;
  /** Absolute times (epoch ms), any order. */
  deadlines(state: S): DeadlineOf[];
  /** The input that a deadline becomes; its `now` is the deadline itself. */
  onDeadline(deadline: DeadlineOf): I;
  pending(state: S): W[];
  /** The input that the outcome of pending work becomes. */
  onDone(work: W, outcome: unknown): I;
  /** What the shell must ask Postgres before this input is decided, in the core's own words; null: nothing. */
  needsContext(state: S, input: I): unknown;
  /** The question that the facts which come with a load answer. */
  readonly loadAnswers: unknown;
  withContext(input: I, context: unknown): I;
  /**
   * A row that is decided on top of rows that are recorded with it, from the place `from` on: nothing that they led to has
   * begun outside, nor will it unless this row is recorded too.
   */
  inRun(input: I, from: number): I;
  /** The same input, with the record's refusal as a fact. */
  withRefusal(input: I, refusal: string): I;
}

export type Decision<E> =
  | { kind: 'accepted'; events: E[] }
  /** Taken, and nothing comes of it: a stale result, a repeat. Counts as taken, leaves no event. */
  | { kind: 'ignored'; because: string }
  | { kind: 'rejected'; rejection: Rejected };

export interface Rejected {
  code: string;
  reason: string;
  allowed: string[];
  ownerId?: string;
}

export interface DeadlineOf {
  kind: string;
  at: number;
  /** A deadline of silence: the record refuses it while an inbox row not later than it waits. */
  silence: boolean;
}

/** Something decided to have done outside. Its id names the attempt: a result under another id is stale. */
export interface Work {
  id: string;
  kind: string;
  /** Serial within a lane; lanes run side by side. */
  lane: string;
  /** Not before this time, epoch ms; 0: at once. */
  notBeforeAt: number;
}
