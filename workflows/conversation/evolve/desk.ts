import type { EventOf } from '../events.ts';
import type { ConversationState } from '../state.ts';
import { withHandover } from './handover.ts';

/** How the line to an outside desk folds: asked or not, in reach or not, and what it still has to be told. */

export function deskOpened(state: ConversationState): ConversationState {
  return withHandover(state, { opened: true });
}

export function deskLost(state: ConversationState, event: EventOf<'DeskLost'>): ConversationState {
  return withReach(state, event.at);
}

export function deskFound(state: ConversationState): ConversationState {
  return withReach(state, null);
}

function withReach(state: ConversationState, deskLostSince: number | null): ConversationState {
  return state.phase.name === 'assigned' ? { ...state, phase: { ...state.phase, deskLostSince } } : state;
}

export function deskNoticeQueued(state: ConversationState, event: EventOf<'DeskNoticeQueued'>): ConversationState {
  const { no, deskId, handover, kind, at } = event;
  return {
    ...state,
    deskNotices: [...state.deskNotices, { no, deskId, handover, kind, attempt: 1, notBeforeAt: 0, since: at }],
    count: { ...state.count, deskNotice: no },
  };
}

export function deskNoticeDelayed(state: ConversationState, event: EventOf<'DeskNoticeDelayed'>): ConversationState {
  const { attempt, notBeforeAt } = event;
  return {
    ...state,
    deskNotices: state.deskNotices.map((notice) =>
      notice.no === event.no ? { ...notice, attempt, notBeforeAt } : notice,
    ),
  };
}

export function deskNoticeSettled(state: ConversationState, event: EventOf<'DeskNoticeSettled'>): ConversationState {
  return { ...state, deskNotices: state.deskNotices.filter((notice) => notice.no !== event.no) };
}
