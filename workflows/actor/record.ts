/** What goes into the transaction that makes a decision true, and what it may answer. Plain JSON, ids and codes only. */

export interface StoredActor<S> {
  /** Moved by every input that was taken. */
  version: number;
  /** Inbox places taken up to here. */
  seq: number;
  eventNo: number;
  /** Link of the last event. It comes back with every record, so it stands in Temporal's history too. */
  head: string;
  /** Time of the last input taken, epoch ms; time never runs backwards. */
  lastAt: number;
  /** The last idempotency keys, newest last: a validator lets their repeats through. */
  keys: string[];
  /** null: nothing has been recorded yet. */
  state: S | null;
}

export type Cause =
  | { kind: 'inbox'; seq: number }
  | { kind: 'command'; name: string; key: string; by: unknown }
  | { kind: 'deadline'; deadline: string }
  | { kind: 'work'; id: string };

export interface Caused<E> {
  event: E;
  cause: Cause;
}

export interface Recording<S, E> {
  /** The version that was decided from. If it has moved, nothing is written. */
  expected: number;
  before: S;
  after: S;
  events: Caused<E>[];
  seq: number;
  lastAt: number;
  keys: string[];
  /** Nearest deadline, or the earliest time at which something pending may be done; null: nothing is open. */
  wakeAt: number | null;
  /** Refuse with `inbox-waiting` while an inbox row not later than this lies above `seq`. */
  silentUntil: number | null;
  /** Inputs whose decision threw: they are taken, parked and flagged. */
  parked: { seq: number | null; error: string }[];
  command: { key: string; digest: string | null; outcome: unknown } | null;
}

export type RecordAnswer<S> =
  | { kind: 'recorded'; version: number; eventNo: number; head: string }
  /** An earlier try got there first: go on from what stands. */
  | { kind: 'moved'; row: StoredActor<S> }
  /** The command's key has an outcome already. */
  | { kind: 'repeated'; outcome: unknown; row: StoredActor<S> }
  | { kind: 'refused'; code: string };

/** Refusal of values that no table takes: the input that brought them is parked. */
export const unrecordable = 'unrecordable';
