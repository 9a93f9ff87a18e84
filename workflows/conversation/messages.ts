/**
 * Wire names and shapes between the courier, the API and the actor. Updates and signals share them: one of each per
 * command, by the command's name, with the command without its `type` as the only argument.
 */
import type { Command, CommandName, InboxInput } from './inputs.ts';
import type { Rejection } from './rejections.ts';
import type { PhaseName } from './state.ts';

export const workflowType = 'conversation';
/** Default signal of the courier: one batch of the inbox. */
export const inboxSignal = 'inbox';
/** An update, without arguments: go on with the build that has new runs now. Rejected where that is the run's own. */
export const moveUpdate = 'move';

/** All that a start carries: what an actor goes on from stands in Postgres. */
export interface ActorId {
  accountId: string;
  conversationId: string;
}

/** Ids are UUIDs, so nobody outside can guess a workflow id, and the account stands in it. */
export function workflowId({ accountId, conversationId }: ActorId): string {
  return `conversation:${accountId}:${conversationId}`;
}

/** null: it is no actor's. */
export function parseWorkflowId(id: string): ActorId | null {
  const [type, accountId, conversationId, ...more] = id.split(':');
  if (type !== workflowType || !accountId || !conversationId || more.length > 0) return null;
  return { accountId, conversationId };
}

/** A row as the courier hands it over: ids, numbers and codes. `at` is when it was stored, epoch ms. */
export type InboxRow = { at: number } & InboxInput;

export interface InboxBatch {
  /** Rows `from`, `from + 1` … without a gap. */
  from: number;
  rows: InboxRow[];
}

/**
 * A signal is whatever its sender sent, and stands in the history for ever: what is no batch is null, and dropped. The
 * courier's are well formed; this is for whoever else has a Temporal client.
 */
export function readBatch(argument: unknown): InboxBatch | null {
  const { from, rows } = (argument ?? {}) as Partial<Record<keyof InboxBatch, unknown>>;
  if (!Number.isSafeInteger(from) || !Array.isArray(rows) || rows.length === 0) return null;
  return rows.every(isRow) ? { from: from as number, rows } : null;
}

function isRow(row: unknown): row is InboxRow {
  const { seq, at, type } = (row ?? {}) as Partial<Record<keyof InboxRow, unknown>>;
  return Number.isSafeInteger(seq) && Number.isSafeInteger(at) && typeof type === 'string';
}

export type CommandPayload<N extends CommandName = CommandName> = Omit<
  Extract<Command, { type: N }>,
  'type' | 'context' | 'refused'
>;

/** What a command came to. Stored once under its key; the same key gets the same answer. */
export type Outcome =
  | {
      ok: true;
      /** Version of the record that made it true. */
      version: number;
      phase: PhaseName;
      holder: { kind: string; id: string | null };
      epoch: number;
      handover: number | null;
      /** Outbound sequences that it queued. */
      outbound: number[];
      /** Types of the events it led to; empty: accepted, and nothing happens. */
      events: string[];
    }
  | { ok: false; rejection: Rejection };

/** `ApplicationFailure.type` of an update that its validator refused; its first detail is the `Rejection`. */
export const rejectedFailure = 'Rejected';
/** `ApplicationFailure.type` of an update that came while its run was ending: it is to be sent again at once. */
export const runEndingFailure = 'RunEnding';
/** … of the update that tells a run to move, where it is with the right build: nothing of it stands in the history. */
export const staysFailure = 'Stays';
