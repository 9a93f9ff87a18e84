import type { Deadline } from './inputs.ts';
import type { ConversationState, PhaseOf } from './state.ts';
import { held } from './window.ts';

/**
 * Every time at which something happens by itself, so that the shell's one timer, the row's `wake_at` and what clients show
 * ("closes in 3 h 12 min") can't differ. Each is a base that stands in the state plus a number of the policy in force: a
 * changed policy reaches open conversations. Only what somebody was promised has its end stored: an offer that is out, the
 * time of a bot that deferred its answer, a block.
 */
export function deadlines(state: ConversationState): Deadline[] {
  return [...sessionDeadlines(state), ...phaseDeadlines(state), ...turnDeadlines(state), ...heldDeadlines(state)];
}

/**
 * When the session ends by itself, null where none runs. A resolved conversation with a reopen window of its own ends
 * its session with that window, be it shorter or longer than the silence: later messages start anew with the bot.
 */
export function sessionEndsAt(state: ConversationState): number | null {
  const { session, phase, policy } = state;
  if (session === null) return null;
  if (phase.name === 'resolved' && session.locked && policy.reopen.windowMs !== null) {
    return phase.at + policy.reopen.windowMs;
  }
  return session.lastActivityAt + policy.lock.sessionMs;
}

/** The deadline of this kind that is armed and has come, if any: any other firing is stale. */
export function dueDeadline(state: ConversationState, kind: Deadline['kind'], now: number): Deadline | undefined {
  return deadlines(state).find((deadline) => deadline.kind === kind && deadline.at <= now);
}

function sessionDeadlines(state: ConversationState): Deadline[] {
  const at = sessionEndsAt(state);
  return at === null ? [] : [{ kind: 'session', at, silence: true }];
}

function turnDeadlines(state: ConversationState): Deadline[] {
  const until = state.turn?.deferredUntil ?? null;
  return until === null ? [] : [{ kind: 'bot-turn', at: until, silence: false }];
}

/** Silence: a message of the customer opens the window, and what was held goes out. */
function heldDeadlines(state: ConversationState): Deadline[] {
  const [oldest] = held(state);
  if (oldest === undefined) return [];
  return [{ kind: 'held-too-long', at: oldest.queuedAt + state.policy.delivery.maxAgeMs, silence: true }];
}

function phaseDeadlines(state: ConversationState): Deadline[] {
  switch (state.phase.name) {
    case 'prechat':
      return prechatDeadlines(state, state.phase);
    case 'queued':
      return queuedDeadlines(state, state.phase);
    case 'assigned':
      return assignedDeadlines(state, state.phase);
    case 'blocked': {
      const at = state.block?.expiresAt ?? null;
      return at === null ? [] : [{ kind: 'block-expiry', at, silence: false }];
    }
    case 'bot':
    case 'resolved':
      return [];
  }
}

/**
 * Abandoned means that the customer is silent when it is for them to speak: from each question on they have the time anew.
 * Who waits for the bot, however long that may take (202), or for an answer to be read has abandoned nothing.
 */
function prechatDeadlines(state: ConversationState, { by, askedAt }: PhaseOf<'prechat'>): Deadline[] {
  const isOurs = by === 'bot' ? state.turn !== null : state.waiting !== null;
  if (state.handover?.step !== 'intake' || isOurs) return [];
  const since = Math.max(askedAt, state.session?.lastActivityAt ?? 0);
  return [{ kind: 'prechat-abandoned', at: since + state.policy.intake.abandonedMs, silence: true }];
}

function queuedDeadlines(state: ConversationState, phase: PhaseOf<'queued'>): Deadline[] {
  const wait: Deadline[] = phase.waitOver
    ? []
    : [{ kind: 'queue-wait', at: phase.since + state.policy.queue.waitMs, silence: false }];
  const offer: Deadline[] = phase.offer ? [{ kind: 'offer', at: phase.offer.expiresAt, silence: false }] : [];
  return [...wait, ...offer];
}

function assignedDeadlines(state: ConversationState, phase: PhaseOf<'assigned'>): Deadline[] {
  const { firstReplyMs, idle, desk } = state.policy;
  const unanswered = phase.owner.kind === 'agent' && !phase.replied ? phase.since : null;
  return [
    ...armed('first-reply', unanswered, firstReplyMs, true),
    ...armed('idle-warning', phase.warned ? null : phase.silentSince, idle.warnMs, true),
    ...armed('idle-close', phase.silentSince, idle.closeMs, true),
    ...armed('desk-lost', phase.deskLostSince, desk.lostAfterMs, false),
  ];
}

/** Armed only where both the base stands and the policy sets a number. */
function armed(kind: Deadline['kind'], since: number | null, ms: number | null, silence: boolean): Deadline[] {
  return since === null || ms === null ? [] : [{ kind, at: since + ms, silence }];
}
