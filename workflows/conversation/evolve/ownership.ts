import type { EventOf } from '../events.ts';
import type { ConversationState, Owner, Target } from '../state.ts';
import { passTo, speakerOf } from './baton.ts';
import { nothingWaits, waitsForBot } from './bot.ts';
import { nextStep, withHandover } from './handover.ts';
import { touched } from './session.ts';

/**
 * How a conversation passes between queue, owners and bot. Everything that a queue entry or an assignment is made of
 * stands in the event, so the fold never has to guess (and a rebuild of the read model sees the same).
 */

export function queued(state: ConversationState, event: EventOf<'ConversationQueued'>): ConversationState {
  return withHandover(
    {
      ...nothingWaits(state),
      phase: {
        name: 'queued',
        target: event.target,
        entry: event.entry,
        since: event.at,
        waitingSince: event.waitingSince,
        waitOver: false,
        offer: null,
        notTo: event.notTo,
      },
      baton: passTo(state.baton, { kind: 'engine' }),
      session: state.session && { ...state.session, locked: true },
      policy: event.policy,
      // A desk has no numbers of its own: they are the account's.
      accountPolicy: event.target.kind === 'desk' ? event.policy : state.accountPolicy,
      transfers: event.because === 'forward' || event.isTransfer ? state.transfers + 1 : state.transfers,
      count: { ...state.count, entry: event.entry },
    },
    { ...nextStep('waiting'), opened: false, askedDesks: askedWith(state, event.target) },
  );
}

export function queueWaitPassed(state: ConversationState): ConversationState {
  return state.phase.name === 'queued' ? { ...state, phase: { ...state.phase, waitOver: true } } : state;
}

export function offerMade(state: ConversationState, event: EventOf<'OfferMade'>): ConversationState {
  return state.phase.name === 'queued' ? { ...state, phase: { ...state.phase, offer: event.offer } } : state;
}

/** Who declined or missed an offer doesn't get it straight back. */
export function offerEnded(state: ConversationState, event: EventOf<'OfferEnded'>): ConversationState {
  if (state.phase.name !== 'queued') return state;
  const notTo = event.because === 'gone' ? state.phase.notTo : event.agentId;
  return { ...state, phase: { ...state.phase, offer: null, notTo } };
}

export function assigned(state: ConversationState, event: EventOf<'ConversationAssigned'>): ConversationState {
  return withHandover(
    {
      ...nothingWaits(state),
      phase: {
        name: 'assigned',
        owner: event.owner,
        since: event.at,
        waitingSince: event.waitingSince,
        by: event.by,
        override: event.override,
        replied: false,
        silentSince: null,
        warned: false,
        deskLostSince: null,
        target: event.target,
      },
      baton: passTo(state.baton, event.owner),
      session: state.session && { ...state.session, locked: true },
      // A group's numbers came with its queue.
      policy: event.target.kind === 'desk' ? state.accountPolicy : state.policy,
      transfers: event.by === 'forward' || event.isTransfer ? state.transfers + 1 : state.transfers,
    },
    { ...nextStep('held'), opened: event.owner.kind === 'desk', askedDesks: askedWith(state, event.owner) },
  );
}

export function ownerReplied(state: ConversationState, event: EventOf<'OwnerReplied'>): ConversationState {
  if (state.phase.name !== 'assigned') return state;
  const phase = { ...state.phase, replied: true, silentSince: event.at, warned: false };
  return touched({ ...state, phase, transfers: 0, returns: 0 }, event.at);
}

export function idleWarned(state: ConversationState): ConversationState {
  return state.phase.name === 'assigned' ? { ...state, phase: { ...state.phase, warned: true } } : state;
}

export function resolved(state: ConversationState, event: EventOf<'ConversationResolved'>): ConversationState {
  const locked = state.policy.lock.until === 'session-end';
  return {
    ...state,
    phase: {
      name: 'resolved',
      at: event.at,
      cause: event.cause,
      lastOwner: ownerOf(state),
      target: targetOf(state),
      priority: state.handover?.priority ?? 0,
    },
    baton: passTo(state.baton, { kind: 'engine' }),
    session: state.session && { ...state.session, locked },
    transfers: 0,
  };
}

export function returnedToBot(state: ConversationState): ConversationState {
  return { ...withBot(state), returns: state.returns + 1 };
}

function withBot(state: ConversationState): ConversationState {
  return {
    ...waitsForBot(state),
    phase: { name: 'bot' },
    baton: passTo(state.baton, speakerOf(state.session)),
    session: state.session && { ...state.session, locked: false },
    policy: state.accountPolicy,
    transfers: 0,
  };
}

export function blocked(state: ConversationState, event: EventOf<'ConversationBlocked'>): ConversationState {
  return { ...withBot(state), phase: { name: 'blocked' }, block: event.block };
}

export function unblocked(state: ConversationState): ConversationState {
  return { ...state, phase: { name: 'bot' }, block: null };
}

function askedWith(state: ConversationState, party: Target | Owner): string[] {
  const asked = state.handover?.askedDesks ?? [];
  return party.kind !== 'desk' || asked.includes(party.deskId) ? asked : [...asked, party.deskId];
}

export function ownerOf(state: ConversationState): Owner | null {
  return state.phase.name === 'assigned' ? state.phase.owner : null;
}

export function targetOf(state: ConversationState): Target | null {
  const { phase } = state;
  return phase.name === 'queued' || phase.name === 'assigned' || phase.name === 'resolved' ? phase.target : null;
}
