import type { Input } from '../../inputs.ts';
import type { Block, ConversationState } from '../../state.ts';
import { tell } from './notices.ts';
import { add, begin, ignored, type Outcome, type Plan } from './plan.ts';
import { letGo } from './release.ts';
import { supersedeTurn } from './turns.ts';

type Blocks = Extract<Input, { type: 'Block' | 'ContactBlocked' }>;

/**
 * The contact is blocked: whoever held the conversation is released, the hand-over ends, and the bot serves the customer
 * from now on, lock or not (S1-8). The block message goes out once, in the conversation in which the block was asked for.
 */
export function block(state: ConversationState, input: Blocks, now: number): Plan {
  const { handover, phase } = state;
  const { blockId, expiresAt } = input;
  const here = input.type === 'Block';
  const released = letGo(begin(state, now), 'blocked', 'closed');
  const ended: Plan = handover
    ? add(released, { type: 'HandoverEnded', no: handover.no, because: 'blocked' })
    : released;
  const quiet = phase.name === 'prechat' ? supersedeTurn(ended) : ended;
  const plan = add(quiet, { type: 'ConversationBlocked', block: { blockId, expiresAt }, here });
  return here ? tell(plan, 'blocked', `block:${blockId}`) : plan;
}

/** The contact's block reaches a conversation that is blocked already: a repeat, or another block in its place. */
export function blockAgain(state: ConversationState, { blockId, expiresAt }: Block, now: number): Outcome {
  if (state.block?.blockId === blockId) return ignored('already-blocked');
  return add(begin(state, now), { type: 'ConversationBlocked', block: { blockId, expiresAt }, here: false });
}

/** The bot has served the customer all the while, so nobody needs waking. */
export function unblock(state: ConversationState, now: number, because: 'unblock' | 'expired'): Outcome {
  return add(begin(state, now), { type: 'ConversationUnblocked', blockId: state.block?.blockId ?? '', because });
}

/** Only the block that stands is lifted: news of an older one comes too late. */
export function unblockContact(state: ConversationState, now: number, blockId: string): Outcome {
  return state.block?.blockId === blockId ? unblock(state, now, 'unblock') : ignored('another-block');
}
