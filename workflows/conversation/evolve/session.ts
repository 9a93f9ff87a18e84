import type { EventOf } from '../events.ts';
import type { ConversationState } from '../state.ts';
import { passTo, speakerOf } from './baton.ts';
import { waitsForBot } from './bot.ts';

/** How sessions, the clock of silence and policies fold. The session lock of every deadline rests on these. */

export function sessionStarted(state: ConversationState, event: EventOf<'SessionStarted'>): ConversationState {
  return {
    ...waitsForBot({ ...state, session: event.session }),
    phase: { name: 'bot' },
    baton: passTo(state.baton, speakerOf(event.session)),
    accountPolicy: event.policy,
    policy: event.policy,
    block: null,
    transfers: 0,
    returns: 0,
    count: { ...state.count, session: event.session.no },
  };
}

/**
 * Resolved and blocked conversations stay what they are between two sessions; any other has nobody to speak to. What still
 * waits for the bot is the next session's.
 */
export function sessionEnded(state: ConversationState): ConversationState {
  const stays = state.phase.name === 'resolved' || state.phase.name === 'blocked';
  return {
    ...waitsForBot(state),
    phase: stays ? state.phase : { name: 'bot' },
    baton: passTo(state.baton, { kind: 'engine' }),
    session: null,
  };
}

export function policyApplied(state: ConversationState, event: EventOf<'PolicyApplied'>): ConversationState {
  const { policy, accountPolicy } = event;
  return { ...state, policy, accountPolicy };
}

export function customerMessageAccepted(
  state: ConversationState,
  event: EventOf<'CustomerMessageAccepted'>,
): ConversationState {
  const window = { ...state.window, wroteAfter: state.count.outbound };
  const active = { ...touched(state, event.at), window, returns: 0 };
  if (active.phase.name !== 'assigned') return active;
  return { ...active, phase: { ...active.phase, silentSince: null, warned: false } };
}

/** The customer or whoever holds the conversation for us has written: the session ends later. */
export function touched(state: ConversationState, at: number): ConversationState {
  if (state.session === null) return state;
  return { ...state, session: { ...state.session, lastActivityAt: Math.max(state.session.lastActivityAt, at) } };
}

export function tagsChanged(state: ConversationState, event: EventOf<'TagsChanged'>): ConversationState {
  const kept = state.tagIds.filter((id) => !event.removed.includes(id));
  return { ...state, tagIds: [...kept, ...event.added.filter((id) => !kept.includes(id))] };
}
