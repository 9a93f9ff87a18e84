/** Events → the contact's block, and the locks that keep a block and a beginning session from slipping past each other. */
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import type { DecisionRecord } from '../../store/record.ts';

type Blocks = Pick<DecisionRecord, 'lockContact' | 'expectBlocked' | 'block' | 'unblock'>;

export function blocksOf(after: ConversationState, events: ConversationEvent[]): Blocks {
  const blocked = events.find((event) => event.type === 'ConversationBlocked');
  const unblocked = events.find((event) => event.type === 'ConversationUnblocked');
  const begins = events.some((event) => event.type === 'SessionStarted');
  const changes = (blocked?.here ?? false) || unblocked !== undefined;
  return {
    lockContact: changes ? 'update' : begins ? 'share' : null,
    // One that begins blocked is safe whatever the contact's row says by now; its news waits in the inbox.
    expectBlocked: begins && after.block === null ? false : null,
    block: blocked?.here ? { blockId: blocked.block.blockId, expiresAt: blocked.block.expiresAt } : null,
    unblock: unblocked ? { blockId: unblocked.blockId } : null,
  };
}
