import type { Decision } from '../../../workflows/actor/decider.ts';
import { decide as decideAsReleased } from '../../../workflows/conversation/decide.ts';
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';
import type { Input } from '../../../workflows/conversation/inputs.ts';
import type { ConversationState } from '../../../workflows/conversation/state.ts';

/** The next release decides otherwise: where tags are added, it takes the last of them only. */
export function decide(state: ConversationState, input: Input, now: number): Decision<ConversationEvent> {
  const changed = input.type === 'Tag' ? { ...input, add: input.add.slice(-1) } : input;
  return decideAsReleased(state, changed, now);
}
