import type { Command, InboxInput } from '../../inputs.ts';
import type { ConversationState, In } from '../../state.ts';
import { assign } from './assign.ts';
import { add, begin, ignored, type Outcome } from './plan.ts';
import { rejected, wrongState } from './rejected.ts';
import { letGo } from './release.ts';

/**
 * Who gets a queued conversation: an agent who joins, a supervisor who assigns, the matcher that chose, an agent who
 * accepts an offer. The capacity is judged by the record; here stands what the entry itself allows.
 */

export function join(state: In<'queued'>, command: Extract<Command, { type: 'Join' }>, now: number): Outcome {
  if (state.phase.target.kind === 'desk') return wrongState(state, command);
  if (state.policy.assignment === 'automatic') return automatic(state);
  const owner = { kind: 'agent', agentId: command.agentId } as const;
  return assign(letGo(begin(state, now), 'join', 'lost'), { owner, by: 'join', target: state.phase.target });
}

/** An agent doesn't get round automatic assignment by assigning; only a supervisor grants a place above the limit. */
export function assignFromQueue(
  state: In<'queued'>,
  command: Extract<Command, { type: 'Assign' }>,
  now: number,
): Outcome {
  if (state.policy.assignment === 'automatic' && command.by.kind === 'agent') return automatic(state);
  const { agentId } = command;
  const override = command.override && command.by.kind === 'supervisor';
  const released = letGo(begin(state, now), 'assign', 'lost');
  const { target } = state.phase;
  return assign(released, { owner: { kind: 'agent', agentId }, by: 'assign', target, override });
}

/** A claim counts for the very entry and epoch that it was made for; any other is declined, which frees its place. */
export function confirmClaim(
  state: In<'queued'>,
  input: Extract<InboxInput, { type: 'AgentClaimed' }>,
  now: number,
): Outcome {
  const { entry, target, offer } = state.phase;
  const { claimId, agentId } = input;
  if (offer?.claimId === claimId) return ignored('offer-out');
  const meant = input.entry === entry && input.epoch === state.baton.epoch && target.kind === 'group';
  if (!meant || offer !== null || input.refused !== undefined) return declineClaim(state, input, now);
  const plan = begin(state, now);
  if (!input.offer) return assign(plan, { owner: { kind: 'agent', agentId }, by: 'claim', target, claimId });
  const expiresAt = now + state.policy.offer.acceptMs;
  return add(plan, { type: 'OfferMade', entry, offer: { claimId, agentId, expiresAt } });
}

export function declineClaim(
  state: ConversationState,
  input: Extract<InboxInput, { type: 'AgentClaimed' }>,
  now: number,
): Outcome {
  const { claimId, agentId } = input;
  const held = state.phase.name === 'assigned' || (state.phase.name === 'queued' && state.phase.offer !== null);
  const because = held ? 'taken' : 'stale';
  return add(begin(state, now), { type: 'ClaimDeclined', claimId, agentId, because });
}

export function acceptOffer(
  state: In<'queued'>,
  command: Extract<Command, { type: 'AcceptOffer' }>,
  now: number,
): Outcome {
  const { offer, target } = state.phase;
  const { agentId, claimId } = command;
  if (offer?.claimId !== claimId || offer.agentId !== agentId) return offerGone(state);
  return assign(begin(state, now), { owner: { kind: 'agent', agentId }, by: 'offer', target, claimId });
}

export function declineOffer(
  state: In<'queued'>,
  command: Extract<Command, { type: 'DeclineOffer' }>,
  now: number,
): Outcome {
  const { offer } = state.phase;
  const { agentId, claimId } = command;
  if (offer?.claimId !== claimId || offer.agentId !== agentId) return offerGone(state);
  return add(begin(state, now), { type: 'OfferEnded', claimId, agentId, because: 'declined' });
}

export function offerGone(state: ConversationState): Outcome {
  return rejected(state, 'offer-gone', 'the offer is no longer open');
}

function automatic(state: ConversationState): Outcome {
  return rejected(state, 'auto-assignment-enabled', 'conversations of this group are assigned automatically');
}
