/**
 * The single door between workflows and activities; types only. Each activity is one promise to the outside.
 *
 * All arguments and results are ids, numbers and codes: they stand in Temporal's history for years.
 * An activity that talks to the outside makes one attempt within its time (attempt-limits.ts), never retries by itself, and answers an
 * outcome; it throws only for what is ours (Postgres away), and then Temporal repeats it under the same work id.
 */
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { ConversationEvent } from '../workflows/conversation/events.ts';
import type { Context, Question, WorkResult } from '../workflows/conversation/inputs.ts';
import type { ConversationState } from '../workflows/conversation/state.ts';
import type { ConversationWork, WorkKind } from '../workflows/conversation/work.ts';
import type { RecordAnswer, Recording, StoredActor } from '../workflows/actor/record.ts';

export type OutcomeOf<K extends WorkKind> = Extract<WorkResult, { work: K }>['outcome'];
export type WorkOf<K extends WorkKind> = Extract<ConversationWork, { kind: K }>;

/**
 * `work.id` names the attempt that was decided. Temporal may run it again (a worker died, Postgres was away): whoever
 * sends must not take such a second run for the first, so the id of a sending is `work.id` and the run's own number.
 */
type Perform<K extends WorkKind> = (actor: ActorId, work: WorkOf<K>) => Promise<OutcomeOf<K>>;

export interface WorkActivities {
  askBot: Perform<'AskBot'>;
  checkPresence: Perform<'CheckPresence'>;
  routeHandover: Perform<'RouteHandover'>;
  checkAnswer: Perform<'CheckAnswer'>;
  sendMessage: Perform<'SendMessage'>;
  openAtDesk: Perform<'OpenAtDesk'>;
  sendToDesk: Perform<'SendToDesk'>;
  tellDesk: Perform<'TellDesk'>;
}

export interface PostgresActivities {
  /** The stored row (null state: nothing recorded yet) with the context, and notes the run and its build. */
  load(actor: ActorId, run: RunInfo): Promise<Loaded>;
  /** The facts that a session's beginning depends on, and those of the queue that is asked for. */
  readContext(actor: ActorId, question: Question): Promise<Context>;
  record(
    actor: ActorId,
    recording: Recording<ConversationState, ConversationEvent>,
  ): Promise<RecordAnswer<ConversationState>>;
}

export interface CourierActivities {
  /** Sets the courier's cursor back to `seq` and raises its generation: everything above is sent again. */
  askAgain(actor: ActorId, seq: number): Promise<void>;
  /** No batch is handed over until the next run's load releases it (or 30 s have passed). */
  holdCourier(actor: ActorId): Promise<void>;
  /** Lets batches through again, where a hold led to nothing. Where nothing is held it is the task alone that is wanted. */
  releaseCourier(actor: ActorId, asked: { isHeld: boolean }): Promise<void>;
  /** Stores the history of a finished run, compressed, with the hash of its content. */
  exportHistory(actor: ActorId, runId: string): Promise<void>;
}

export interface RunInfo {
  runId: string;
  /** Places of the inbox rows in hand; null: none. What was handed over and isn't among them is asked for again. */
  inHand: { first: number; last: number } | null;
}

export interface Loaded {
  actor: StoredActor<ConversationState>;
  context: Context;
  /** The finished run before this one, where its history is not exported yet. */
  unexported: string | null;
}

export type Activities = WorkActivities & PostgresActivities & CourierActivities;
