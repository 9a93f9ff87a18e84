import type { Decision } from '../../../../workflows/actor/decider.ts';
import { decide as decideAsReleased } from '../../../../workflows/conversation/decide.ts';
import type { ConversationEvent } from '../../../../workflows/conversation/events.ts';
import type { Input } from '../../../../workflows/conversation/inputs.ts';
import type { ConversationState } from '../../../../workflows/conversation/state.ts';

/** A core that tries again when it likes, whatever the channel has asked for. */
export function decide(state: ConversationState, input: Input, now: number): Decision<ConversationEvent> {
  if (input.type !== 'WorkDone' || input.work !== 'SendMessage' || input.outcome.kind !== 'failed')
    return decideAsReleased(state, input, now);
  return decideAsReleased(state, { ...input, outcome: { ...input.outcome, retryAfterMs: null } }, now);
}
