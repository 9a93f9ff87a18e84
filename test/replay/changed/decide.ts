import type { Decision } from '../../../workflows/actor/decider.ts';
import { decide as decideAsReleased } from '../../../workflows/conversation/decide.ts';
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';
import type { Input } from '../../../workflows/conversation/inputs.ts';
import type { ConversationState } from '../../../workflows/conversation/state.ts';

/**
 * A careless change: a message is sent before it is said who has the chat. The activities that follow are the same, in
 * the same order, so Temporal has nothing to object to.
 */
export function decide(state: ConversationState, input: Input, now: number): Decision<ConversationEvent> {
  const decision = decideAsReleased(state, input, now);
  if (decision.kind !== 'accepted' || input.type !== 'Join') return decision;
  return { ...decision, events: decision.events.toReversed() };
}
