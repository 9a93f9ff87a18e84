import type { FailureClass, HandoverRequest } from '../../inputs.ts';
import type { ConversationState, Handover } from '../../state.ts';
import { add, type Plan } from './plan.ts';
import { returnToBot } from './return-to-bot.ts';

/** The beginning of a hand-over, and its failure. At most one is open: callers ask before they request another. */
export function request(plan: Plan, wanted: HandoverRequest, by: Handover['by']): Plan {
  return add(plan, { type: 'HandoverRequested', no: plan.state.count.handover + 1, request: wanted, by });
}

/**
 * The bot asks for a person each time that the customer comes back to it, and nobody has said a word. It may as often as a
 * conversation may change its owner in a row, then not before somebody writes: the customer would be told for ever.
 */
export function goesRound({ returns, policy }: ConversationState): boolean {
  return returns >= policy.maxTransfers;
}

/**
 * The engine itself asks (the bot failed, a chat is reopened, a desk took it unasked). Nobody stored a request for it,
 * so its id is made here: `engine:` and the number of the hand-over, unique within the conversation.
 */
export function requestOfEngine(plan: Plan, requestId?: string): Plan {
  const { count, phase } = plan.state;
  const priority = phase.name === 'resolved' ? phase.priority : 0;
  return request(plan, { requestId: requestId ?? `engine:${count.handover + 1}`, priority }, 'engine');
}

/** A step failed: no hand-over happens, the customer goes on with the bot, and the failure stands with its step. */
export function failHandover(plan: Plan, step: Handover['step'], failure: FailureClass | 'no-dialogue'): Plan {
  const no = plan.state.handover?.no ?? plan.state.count.handover;
  const failed = add(plan, { type: 'HandoverFailed', no, step, class: failure });
  return returnToBot(failed, step === 'waiting' ? 'desk-failed' : 'handover-failed');
}
