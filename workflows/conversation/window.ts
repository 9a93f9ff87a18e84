import type { ConversationState, Outbound } from './state.ts';

/**
 * Some networks let us write only for a while after the customer did. When a send has failed because that window was
 * closed, the next would fail as well, so all but templates are held: pending, and not tried, until the customer writes
 * (which opens the window) or they are too old.
 */
export function isHeld(state: ConversationState, outbound: Outbound): boolean {
  if (state.window.closedAt === null || outbound.to.kind !== 'channel') return false;
  // It may have gone out already: asking the channel about it is no attempt that the window could refuse.
  return !outbound.ambiguous && !passesClosedWindow(outbound.what);
}

/** Oldest first. */
export function held(state: ConversationState): Outbound[] {
  return state.outbox.filter((outbound) => isHeld(state, outbound));
}

/** Networks take a message made from a template that they have approved at any time; none of our words is one yet. */
function passesClosedWindow({ kind }: Outbound['what']): boolean {
  switch (kind) {
    case 'message':
    case 'notice':
      return false;
  }
}
