import type { Decision } from '../../../../workflows/actor/decider.ts';
import { decide as decideAsReleased } from '../../../../workflows/conversation/decide.ts';
import type { ConversationEvent } from '../../../../workflows/conversation/events.ts';
import type { Input } from '../../../../workflows/conversation/inputs.ts';
import type { ConversationState } from '../../../../workflows/conversation/state.ts';

/** A core that takes nothing back: whatever was to be said is said, whoever has the chat by then. */
export function decide(state: ConversationState, input: Input, now: number): Decision<ConversationEvent> {
  const decision = decideAsReleased(state, input, now);
  if (decision.kind !== 'accepted') return decision;
  return { ...decision, events: decision.events.filter(({ type }) => type !== 'MessageCancelled') };
}
