/**
 * The numbers and switches by which a conversation decides.
 *
 * Policies are immutable versions in Postgres: the account's numbers, and those that differ in a group. A state keeps the
 * version and the numbers in use: they are read when a session begins, and with every queue that the conversation is put
 * into; a new version comes by the input `PolicyChanged`. Which are in force when, is said at `policy` in state.ts.
 * Everything here is a code, a number or a switch; texts (notices, form questions) stay in Postgres under the same version.
 */
export interface Policy {
  version: number;
  lock: {
    /** Silence of customer and agent after which the session ends. */
    sessionMs: number;
    /** `resolve`: resolving gives the next message to the bot. `session-end`: only the end of the session does. */
    until: 'session-end' | 'resolve';
  };
  reopen: {
    /** How long after resolve a customer's message reopens; null: as long as the session lasts. Prolongs the lock. */
    windowMs: number | null;
    to: 'same-agent' | 'queue' | 'bot';
  };
  intake: {
    by: 'bot' | 'form' | 'none';
    /** Number of fields of the account's form (the fields themselves stand in Postgres). */
    fields: number;
    /** Wrong answers to one field before the step counts as failed. */
    maxTries: number;
    abandonedMs: number;
  };
  queue: {
    waitMs: number;
    onWaitOver: 'keep-waiting' | 'bot' | 'close';
    onAllOffline: 'keep-waiting' | 'bot';
  };
  assignment: 'manual' | 'automatic';
  offer: { acceptMs: number };
  firstReplyMs: number | null;
  idle: { warnMs: number | null; closeMs: number | null };
  bot: {
    tries: number;
    /** How long one attempt may take. */
    timeoutMs: number;
    /** How long a bot that answered 202 has for its later answer. */
    turnMs: number;
    onFailure: 'hand-over' | 'apologize';
  };
  desk: { lostAfterMs: number; onLost: 'queue' | 'bot' };
  /** Transfers in a row without a reply to the customer, or returns to the bot without a word of theirs, before another is refused. */
  maxTransfers: number;
  delivery: {
    /** What to do with a send whose outcome is unknown and can't be asked for. */
    onAmbiguous: 'at-most-once' | 'at-least-once';
    maxAgeMs: number;
  };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The defaults; an account's policy is this with its own values over it. */
export const defaultPolicy: Policy = {
  version: 0,
  lock: { sessionMs: 24 * HOUR, until: 'session-end' },
  reopen: { windowMs: null, to: 'same-agent' },
  intake: { by: 'bot', fields: 0, maxTries: 3, abandonedMs: 10 * MINUTE },
  queue: { waitMs: 30 * MINUTE, onWaitOver: 'keep-waiting', onAllOffline: 'keep-waiting' },
  assignment: 'manual',
  offer: { acceptMs: 120 * SECOND },
  firstReplyMs: null,
  idle: { warnMs: 10 * MINUTE, closeMs: null },
  bot: { tries: 3, timeoutMs: 3 * SECOND, turnMs: 60 * SECOND, onFailure: 'apologize' },
  desk: { lostAfterMs: 5 * MINUTE, onLost: 'queue' },
  maxTransfers: 10,
  delivery: { onAmbiguous: 'at-most-once', maxAgeMs: 24 * HOUR },
};
