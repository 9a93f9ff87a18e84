import type { Facts, FailureClass, InboxInput, SendFailure, SendOutcome, WorkFailure } from '../../inputs.ts';
import type { Refusal } from '../../refusals.ts';
import type { ConversationState, DeskNotice, Outbound } from '../../state.ts';
import { mayRetry, sendWait } from './backoff.ts';
import { held } from '../../window.ts';
import { lineArrived, lineFailed } from './desk-reach.ts';
import { add, begin, ignored, type Outcome, type Plan } from './plan.ts';

/**
 * What became of words on their way. An attempt that surely failed is tried again after a while, one whose outcome is
 * unknown is asked about or resent under the same key, and what is final leaves the outbox, so later words pass.
 */

type Done = { outcome: SendOutcome } & Facts;

/**
 * The record refuses to let words count as failed that an attempt of a run that is gone is sending, or has sent: what came of
 * them is unclear, and the next attempt finds out.
 */
function known(done: Done): Done {
  if (done.refused !== 'another-attempt') return done;
  return { ...done, outcome: mayBeSent, refused: undefined };
}

const mayBeSent: WorkFailure = { kind: 'failed', class: 'ambiguous', retryAfterMs: null };

export function sentToChannel(state: ConversationState, now: number, outbound: Outbound, done: Done): Plan {
  return settle(begin(state, now), outbound, known(done).outcome);
}

/** The same rules for a line to a desk; besides, it tells whether the desk can be reached. */
export function sentToDesk(
  state: ConversationState,
  now: number,
  { deskId, outbound }: { deskId: string; outbound: Outbound },
  done: Done,
): Plan {
  const { outcome, ...facts } = known(done);
  const plan = settle(begin(state, now), outbound, outcome);
  if (outcome.kind === 'sent') return lineArrived(plan, deskId);
  return outcome.kind === 'failed' ? lineFailed(plan, deskId, outcome.class, facts) : plan;
}

/** A receipt that the actor waits for: it knows better than any attempt. */
export function receiptCame(
  state: ConversationState,
  input: Extract<InboxInput, { type: 'ReceiptCame' }>,
  now: number,
): Outcome {
  const { outbound: seq, status, class: failure = null } = input;
  const waits = state.outbox.some((outbound) => outbound.seq === seq);
  if (!waits && status === 'sent') return sentAfterAll(state, seq, now);
  const plan = begin(state, now);
  // Refused: an attempt of a run that is gone has sent it, and nothing that came later took that back.
  const as = input.refused === 'another-attempt' ? 'sent' : status;
  const settled = waits ? add(plan, { type: 'MessageSettled', seq, as, class: as === 'sent' ? null : failure }) : plan;
  const told = failure === 'window-closed' ? closeWindow(settled, seq) : settled;
  return told.events.length > 0 ? told : ignored('settled-before');
}

/** Words were taken back while an attempt was under way, and went out all the same: the records say so. */
export function sentAfterAll(state: ConversationState, seq: number, now: number): Outcome {
  if (!state.takenBack.includes(seq)) return ignored('settled-before');
  return add(begin(state, now), { type: 'MessageSettled', seq, as: 'sent', class: null });
}

/** The customer did not write in all that time. Refused: one of them may have gone out, and the next attempts find out. */
export function giveUpHeld(plan: Plan, refused?: Refusal): Plan {
  const { policy } = plan.state;
  const old = held(plan.state).filter(({ queuedAt }) => plan.now - queuedAt >= policy.delivery.maxAgeMs);
  return old.reduce((sofar, outbound) => {
    if (refused === 'another-attempt') return unclear(sofar, outbound, mayBeSent);
    return add(sofar, { type: 'MessageSettled', seq: outbound.seq, as: 'failed', class: 'window-closed' });
  }, plan);
}

export function toldDesk(
  state: ConversationState,
  now: number,
  notice: Pick<DeskNotice, 'no' | 'attempt'>,
  outcome: { kind: 'told' } | WorkFailure,
): Outcome {
  const { no, attempt } = notice;
  const plan = begin(state, now);
  const since = state.deskNotices.find((queued) => queued.no === no)?.since ?? now;
  if (outcome.kind === 'told') return add(plan, { type: 'DeskNoticeSettled', no, told: true });
  const tooOld = now - since >= state.policy.delivery.maxAgeMs;
  if (!mayRetry(outcome.class) || tooOld) return add(plan, { type: 'DeskNoticeSettled', no, told: false });
  const notBeforeAt = now + sendWait(attempt, outcome);
  return add(plan, { type: 'DeskNoticeDelayed', no, attempt: attempt + 1, notBeforeAt });
}

function settle(plan: Plan, outbound: Outbound, outcome: SendOutcome): Plan {
  const { seq } = outbound;
  switch (outcome.kind) {
    case 'sent':
      return add(plan, { type: 'MessageSettled', seq, as: 'sent', class: null });
    case 'superseded':
      return add(plan, { type: 'MessageCancelled', seq, because: 'superseded' });
    case 'put-off':
      return putOff(plan, outbound, outcome.forMs);
    case 'failed':
      return outcome.class === 'ambiguous' ? unclear(plan, outbound, outcome) : failed(plan, outbound, outcome);
  }
}

/** Nothing was tried: the next attempt comes at the very time that this one was given, and waits no longer after a failure. */
function putOff(plan: Plan, outbound: Outbound, forMs: number): Plan {
  const { seq, attempt } = outbound;
  if (isTooOld(plan, outbound)) return giveUp(plan, outbound, 'throttled');
  return add(plan, { type: 'SendPutOff', seq, attempt: attempt + 1, notBeforeAt: plan.now + forMs });
}

function failed(plan: Plan, outbound: Outbound, failure: WorkFailure): Plan {
  const { seq, attempt } = outbound;
  if (!mayRetry(failure.class) || isTooOld(plan, outbound)) {
    const settled = giveUp(plan, outbound, failure.class);
    return failure.class === 'window-closed' && outbound.to.kind === 'channel' ? closeWindow(settled, seq) : settled;
  }
  const notBeforeAt = plan.now + sendWait(triesOf(outbound), failure);
  return add(plan, { type: 'SendDelayed', seq, attempt: attempt + 1, notBeforeAt, class: failure.class });
}

function isTooOld({ now, state }: Plan, { queuedAt }: Outbound): boolean {
  return now - queuedAt >= state.policy.delivery.maxAgeMs;
}

function giveUp(plan: Plan, { seq, ambiguous }: Outbound, because: FailureClass): Plan {
  return add(plan, { type: 'MessageSettled', seq, as: ambiguous ? 'unknown' : 'failed', class: because });
}

/** Attempts that were made. */
function triesOf({ attempt, putOff = 0 }: Outbound): number {
  return attempt - putOff;
}

/** Not where the customer has written since this one was accepted: then the window was open again. */
function closeWindow(plan: Plan, seq: number): Plan {
  const { closedAt, wroteAfter } = plan.state.window;
  return closedAt === null && seq > wroteAfter ? add(plan, { type: 'WindowClosed', seq }) : plan;
}

/**
 * Where the next attempt does no harm, only age ends the message. Otherwise: at most once, the attempt after the first only
 * asks (the channel, or for a receipt that came meanwhile), and if that could not tell either, nothing ever will; at least
 * once, it resends, but not for ever.
 */
function unclear(plan: Plan, outbound: Outbound, { repeatable, ...failure }: SendFailure): Plan {
  const { seq, attempt } = outbound;
  const ends = repeatable ? isTooOld(plan, outbound) : outbound.unclear + 1 >= unclearAttempts(plan.state);
  if (ends) return add(plan, { type: 'MessageSettled', seq, as: 'unknown', class: 'ambiguous' });
  const notBeforeAt = plan.now + sendWait(triesOf(outbound), failure);
  return add(plan, { type: 'SendUnclear', seq, attempt: attempt + 1, notBeforeAt, ...(repeatable && { repeatable }) });
}

function unclearAttempts({ policy }: ConversationState): number {
  return policy.delivery.onAmbiguous === 'at-most-once' ? 2 : 3;
}
