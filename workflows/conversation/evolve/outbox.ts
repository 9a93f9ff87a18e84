import type { EventOf } from '../events.ts';
import type { ConversationState, Outbound } from '../state.ts';

/** How words going out fold: what is in the outbox is not settled yet, oldest first. Settled entries leave it. */

/** One attempt is under way in a lane at a time, so a few are more than ever matter. */
const TAKEN_BACK_KEPT = 8;

export function messageQueued(state: ConversationState, event: EventOf<'MessageQueued'>): ConversationState {
  const outbound: Outbound = {
    seq: event.seq,
    to: event.to,
    what: event.what,
    author: event.author,
    epoch: event.epoch,
    queuedAt: event.at,
    attempt: 1,
    notBeforeAt: 0,
    ambiguous: false,
    unclear: 0,
  };
  return { ...state, outbox: [...state.outbox, outbound], count: { ...state.count, outbound: event.seq } };
}

/** An attempt that surely was not sent: nothing is unclear about it. */
export function sendDelayed(state: ConversationState, event: EventOf<'SendDelayed'>): ConversationState {
  const { attempt, notBeforeAt } = event;
  return withOutbound(state, event.seq, (outbound) => ({ ...outbound, attempt, notBeforeAt }));
}

export function sendPutOff(state: ConversationState, event: EventOf<'SendPutOff'>): ConversationState {
  const { attempt, notBeforeAt } = event;
  return withOutbound(state, event.seq, (outbound) => {
    return { ...outbound, attempt, notBeforeAt, putOff: (outbound.putOff ?? 0) + 1 };
  });
}

export function sendUnclear(state: ConversationState, event: EventOf<'SendUnclear'>): ConversationState {
  const { attempt, notBeforeAt } = event;
  return withOutbound(state, event.seq, (outbound) => ({
    ...outbound,
    attempt,
    notBeforeAt,
    ambiguous: true,
    unclear: outbound.unclear + (event.repeatable ? 0 : 1),
  }));
}

export function messageSettled(state: ConversationState, event: EventOf<'MessageSettled'>): ConversationState {
  return event.as === 'sent' ? leftOutbox(state, event.seq) : takenBack(state, event.seq);
}

export function messageCancelled(state: ConversationState, event: EventOf<'MessageCancelled'>): ConversationState {
  return takenBack(state, event.seq);
}

export function windowClosed(state: ConversationState, event: EventOf<'WindowClosed'>): ConversationState {
  return { ...state, window: { ...state.window, closedAt: event.at } };
}

export function windowOpened(state: ConversationState): ConversationState {
  return { ...state, window: { ...state.window, closedAt: null } };
}

function leftOutbox(state: ConversationState, seq: number): ConversationState {
  return {
    ...state,
    outbox: state.outbox.filter((outbound) => outbound.seq !== seq),
    takenBack: state.takenBack.filter((other) => other !== seq),
  };
}

function takenBack(state: ConversationState, seq: number): ConversationState {
  return { ...leftOutbox(state, seq), takenBack: [...state.takenBack, seq].slice(-TAKEN_BACK_KEPT) };
}

function withOutbound(
  state: ConversationState,
  seq: number,
  change: (outbound: Outbound) => Outbound,
): ConversationState {
  return { ...state, outbox: state.outbox.map((outbound) => (outbound.seq === seq ? change(outbound) : outbound)) };
}
