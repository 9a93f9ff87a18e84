import type { InboxInput, WorkFailure } from '../../inputs.ts';
import { ownerOf, targetOf } from '../../evolve/ownership.ts';
import type { ConversationState, In } from '../../state.ts';
import { assign } from './assign.ts';
import { mayRetry, sendWait } from './backoff.ts';
import { failHandover, requestOfEngine } from './handover.ts';
import { queueToChannel } from './notices.ts';
import { add, begin, ignored, type Outcome, type Plan } from './plan.ts';
import { letGo, withdrawOffer } from './release.ts';
import { resolve } from './resolve.ts';
import { returnToBot } from './return-to-bot.ts';
import { inSession } from './session.ts';

/**
 * What an outside desk says. It names the hand-over that it speaks of; what belongs to another one, or comes from a
 * desk that doesn't hold the conversation, is discarded, visibly.
 */
export type DeskSaid = Extract<InboxInput, { deskId: string; handover: number }>;

/** A person already answers there: true whatever we had planned, so everything of ours gives way in the same record. */
export function deskTook(
  state: ConversationState,
  input: Extract<InboxInput, { type: 'DeskTook' }>,
  now: number,
): Outcome {
  const { deskId, personId } = input;
  const discarded = { type: 'InputDiscarded', input: input.type, ref: deskId } as const;
  // Whoever the desk talks to there, it isn't a contact of ours any more.
  const plan = input.refused === 'contact-erased' ? null : inSession(state, input, now);
  if (plan === null) return add(begin(state, now), { ...discarded, because: input.refused ?? 'no-context' });
  const { phase, handover } = plan.state;
  if (phase.name === 'blocked') return add(plan, { ...discarded, because: 'blocked' });
  if (phase.name === 'assigned' && phase.owner.kind === 'desk' && phase.owner.deskId === deskId) {
    return ignored('already-holds');
  }
  const asked = phase.name === 'queued' && phase.target.kind === 'desk' && phase.target.deskId === deskId;
  const released = asked ? withdrawOffer(plan) : letGo(plan, 'desk-took', 'lost');
  const reopened: Plan =
    phase.name === 'resolved' ? add(released, { type: 'ConversationReopened', by: 'desk' }) : released;
  const requested = handover === null ? requestOfEngine(reopened) : reopened;
  const target = targetOf(plan.state) ?? ({ kind: 'desk', deskId } as const);
  return assign(requested, { owner: { kind: 'desk', deskId, personId }, by: 'desk-took', target });
}

export function deskAccepted(
  state: In<'queued'>,
  input: Extract<InboxInput, { type: 'DeskAccepted' }>,
  now: number,
): Outcome {
  if (!isAsked(state, input)) return discardDeskSaid(state, input, now);
  const { deskId, personId } = input;
  const owner = { kind: 'desk', deskId, personId } as const;
  return assign(begin(state, now), { owner, by: 'desk-accepted', target: state.phase.target });
}

export function deskRefused(state: In<'queued'>, input: DeskSaid, now: number): Outcome {
  return isAsked(state, input) ? returnToBot(begin(state, now), 'desk-refused') : discardDeskSaid(state, input, now);
}

export function deskAnswered(
  state: In<'assigned'>,
  input: Extract<InboxInput, { type: 'DeskAnswered' }>,
  now: number,
): Outcome {
  if (!isHolder(state, input) || input.refused !== undefined) return discardDeskSaid(state, input, now);
  const said = queueToChannel(begin(state, now), { kind: 'message', messageId: input.messageId }, 'desk');
  return add(said, { type: 'OwnerReplied' });
}

export function deskClosed(state: In<'queued'> | In<'assigned'>, input: DeskSaid, now: number): Outcome {
  const theirs = state.phase.name === 'queued' ? isAsked(state, input) : isHolder(state, input);
  return theirs ? resolve(begin(state, now), 'desk-closed', null) : discardDeskSaid(state, input, now);
}

export function discardDeskSaid(state: ConversationState, input: DeskSaid, now: number): Outcome {
  const because = state.handover?.no === input.handover ? 'not-the-holder' : 'another-handover';
  const plan = add(begin(state, now), { type: 'InputDiscarded', input: input.type, because, ref: input.deskId });
  if (input.type !== 'DeskAnswered') return plan;
  return add(plan, { type: 'DraftDiscarded', messageId: input.messageId, because: 'not-the-holder' });
}

/** The desk has been asked, could not be asked, or said no at once. Trying ends when a desk counts as lost. */
export function openedAtDesk(
  state: In<'queued'>,
  now: number,
  outcome: { kind: 'opened' } | { kind: 'refused' } | WorkFailure,
): Outcome {
  const { handover, phase } = state;
  if (handover === null || phase.target.kind !== 'desk') return ignored('nothing-asked');
  const plan = begin(state, now);
  if (outcome.kind === 'opened') return add(plan, { type: 'DeskOpened', no: handover.no, deskId: phase.target.deskId });
  if (outcome.kind === 'refused') return returnToBot(plan, 'desk-refused');
  const notBeforeAt = now + sendWait(handover.attempt, outcome);
  const inTime = notBeforeAt < phase.since + state.policy.desk.lostAfterMs;
  if (!mayRetry(outcome.class) || !inTime) return failHandover(plan, 'waiting', outcome.class);
  return add(plan, {
    type: 'WorkDelayed',
    no: handover.no,
    work: 'OpenAtDesk',
    attempt: handover.attempt + 1,
    notBeforeAt,
  });
}

function isAsked(state: ConversationState, said: DeskSaid): boolean {
  const { phase, handover } = state;
  const desk = phase.name === 'queued' && phase.target.kind === 'desk' && phase.target.deskId === said.deskId;
  return desk && handover?.no === said.handover;
}

function isHolder(state: ConversationState, said: DeskSaid): boolean {
  const owner = ownerOf(state);
  const unnumbered = said.handover === 0 && state.phase.name === 'assigned' && state.phase.by === 'desk-took';
  return owner?.kind === 'desk' && owner.deskId === said.deskId && (unnumbered || state.handover?.no === said.handover);
}
