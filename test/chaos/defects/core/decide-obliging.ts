import type { Decision } from '../../../../workflows/actor/decider.ts';
import { decide as decideAsReleased } from '../../../../workflows/conversation/decide.ts';
import type { ConversationEvent } from '../../../../workflows/conversation/events.ts';
import type { Input } from '../../../../workflows/conversation/inputs.ts';
import type { ConversationState } from '../../../../workflows/conversation/state.ts';

/** A core that says yes to what it does not do. */
export function decide(state: ConversationState, input: Input, now: number): Decision<ConversationEvent> {
  const decision = decideAsReleased(state, input, now);
  if (decision.kind !== 'rejected' || decision.rejection.code !== 'wrong-state') return decision;
  return { kind: 'ignored', because: 'no-effect' };
}
