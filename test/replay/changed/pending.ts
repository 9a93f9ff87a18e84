import { pending as pendingAsReleased } from '../../../workflows/conversation/pending.ts';
import type { ConversationState } from '../../../workflows/conversation/state.ts';
import type { ConversationWork } from '../../../workflows/conversation/work.ts';

/** A careless change: the same work, started in another order. Temporal sees other activities than it has recorded. */
export function pending(state: ConversationState): ConversationWork[] {
  return pendingAsReleased(state).toReversed();
}
