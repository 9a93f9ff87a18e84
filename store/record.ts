/**
 * The record: the transaction that makes a decision true. One round trip to `record_decision` (0017), which writes
 * everything or nothing: events and their chain, capacity, folds, words going out, the outcome, the actor's row.
 */
import pg from 'pg';
import { callFunction } from './call.ts';
import type { Pool } from './connection.ts';
import { hasState, uniqueViolation } from './failures.ts';

/** Times are epoch ms. What a field leaves null does not happen. */
export interface DecisionRecord {
  account: string;
  conversation: string;
  /** Version that was decided from. */
  expected: number;
  seq: number;
  lastAt: number;
  now: number;
  /** What the actor goes on from; its very text is stored. */
  state: string;
  format: number;
  wakeAt: number | null;
  /** Refuse (`inbox-waiting`) while an inbox row not later than this lies above `seq`. */
  silentUntil: number | null;
  key: string | null;
  keyDigest: string | null;
  outcome: unknown;
  /** Messages that were stored for the command: discarded with an outcome that is a rejection, or another request's. */
  drafts: string[];
  /** Agents whose capacity changes: locked first, by id. */
  agents: string[];
  release: string | null;
  claim: {
    agentId: string;
    override: boolean;
    /** Must the agent be online? */
    online: boolean;
    /** And there: a client that lost its lease counts as gone. */
    present: boolean;
    groupId: string | null;
    botId: string | null;
    /** The matcher's claim that is confirmed: its place is taken already. */
    claimId: string | null;
  } | null;
  decline: { claimId: string }[];
  /** A session begins or a chat is queued by this version: refuse (`context-changed`) where the account has a newer one. */
  policyVersion: number | null;
  /** A group that must exist. */
  groupId: string | null;
  /** The customer was not told that nobody of that group is there: refuse (`context-changed`) where nobody is. */
  expectSomebody: boolean;
  lockContact: 'share' | 'update' | null;
  /** Refuse (`contact-erased`) where the contact was erased. */
  refuseErased: boolean;
  /** A session begins: refuse (`context-changed`) where the contact's block is not as the decision took it. */
  expectBlocked: boolean | null;
  block: { blockId: string; expiresAt: number | null } | null;
  unblock: { blockId: string } | null;
  assignmentChanged: boolean;
  assignment: { agentId: string; epoch: number; override: boolean; since: number } | null;
  queueChanged: boolean;
  queue: {
    entry: number;
    epoch: number;
    groupId: string | null;
    deskId: string | null;
    botId: string | null;
    requestId: string | null;
    priority: number;
    since: number;
    waitingSince: number;
    notTo: string | null;
    claimId: string | null;
  } | null;
  /** Columns of the read model. */
  row: Record<string, unknown>;
  messageAt: number | null;
  /** Customer messages that get their place in the transcript. */
  received: string[];
  outbound: {
    seq: number;
    messageId: string;
    toKind: 'channel' | 'desk';
    toId: string | null;
    handover: number | null;
    authorKind: string;
    epoch: number;
    /** Words of a notice; null: the message is a stored draft (or a customer's message for a desk). */
    content: unknown;
  }[];
  cancel: number[];
  settle: { seq: number; as: 'failed' | 'unknown'; class: string | null }[];
  discard: string[];
  /** Requests for a person that the engine itself makes. */
  requests: string[];
  /** What the customer told the bot in a turn's dialogue: it stands with the hand-over from here on. */
  intake: { turn: number; handover: number }[];
  /** Hand-overs that go on under another number: their answers are copied. */
  continued: { from: number; to: number }[];
  /** `data` is canonical JSON text: the chain is over it. */
  events: { type: string; at: number; data: string; messageId: string | null }[];
  park: { id: string; seq: number | null; error: string }[];
}

export interface ActorRow {
  version: number;
  seq: number;
  eventNo: number;
  head: string;
  format: number;
  lastAt: number;
  state: unknown;
}

export type DecisionAnswer =
  | { kind: 'recorded'; version: number; eventNo: number; head: string }
  | { kind: 'moved'; row: ActorRow }
  | { kind: 'repeated'; outcome: unknown; row: ActorRow }
  | { kind: 'refused'; code: string };

const statement = { name: 'record-decision', text: 'SELECT record_decision($1::jsonb) AS answer' };

export async function recordDecision(pool: Pool, record: DecisionRecord): Promise<DecisionAnswer> {
  const decide = (): Promise<DecisionAnswer> => callFunction(pool, statement, [JSON.stringify(record)]);
  try {
    return await decide();
  } catch (error) {
    if (hasState(error, anotherAttempt)) return { kind: 'refused', code: 'another-attempt' };
    if (!isOutcomeOfAnother(error)) throw error;
    return decide();
  }
}

/** Somebody else's outcome of this key was committed meanwhile. Nothing of ours has happened, and now theirs is found. */
function isOutcomeOfAnother(error: unknown): boolean {
  const isPostgres = error instanceof pg.DatabaseError;
  return isPostgres && error.code === uniqueViolation && error.constraint === 'idempotency_pkey';
}

/** Raised where a message has not failed after all (0015): nothing of the record has happened. */
const anotherAttempt = 'BT001';
