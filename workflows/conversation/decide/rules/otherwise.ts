import type { Command, InboxInput, Input } from '../../inputs.ts';
import type { ConversationState } from '../../state.ts';
import { lateAnswer } from './answers.ts';
import { declineClaim, offerGone } from './claims.ts';
import { discardDeskSaid } from './desk.ts';
import { add, begin, ignored, type Outcome } from './plan.ts';
import { rejected, wrongState } from './rejected.ts';

/**
 * The answer of a state that has no rule of its own for an input. Commands are rejected with a code; what nobody waits
 * for is discarded visibly, or ignored where it is about something that is over. Nothing is swallowed, nothing throws.
 */
export function otherwise(state: ConversationState, input: Input, now: number): Outcome {
  switch (input.type) {
    case 'DeadlinePassed':
      return ignored('not-armed');
    case 'WorkDone':
      return ignored('stale-result');
    case 'CustomerWrote':
    case 'CustomerCancelled':
    case 'BotAnswered':
    case 'DeskTook':
    case 'DeskAccepted':
    case 'DeskRefused':
    case 'DeskAnswered':
    case 'DeskClosed':
    case 'AgentClaimed':
    case 'AgentLeft':
    case 'ReceiptCame':
    case 'ContactBlocked':
    case 'ContactUnblocked':
    case 'PolicyChanged':
    case 'AvailabilityChanged':
      return discarded(state, input, now);
    default:
      return refused(state, input);
  }
}

function discarded(state: ConversationState, input: InboxInput, now: number): Outcome {
  switch (input.type) {
    case 'BotAnswered':
      return lateAnswer(state, now, input);
    case 'DeskAccepted':
    case 'DeskRefused':
    case 'DeskAnswered':
    case 'DeskClosed':
      return discardDeskSaid(state, input, now);
    case 'AgentClaimed':
      return declineClaim(state, input, now);
    case 'AgentLeft':
      return ignored('not-their-conversation');
    case 'ContactUnblocked':
      return ignored('not-blocked');
    case 'AvailabilityChanged':
      return ignored('nobody-waits');
    default:
      return add(begin(state, now), {
        type: 'InputDiscarded',
        input: input.type,
        because: 'wrong-state',
        ref: null,
      });
  }
}

function refused(state: ConversationState, command: Command): Outcome {
  if (state.phase.name === 'blocked') return rejected(state, 'blocked', 'the contact is blocked');
  if (command.type === 'Unblock') return rejected(state, 'not-blocked', 'the contact is not blocked');
  if (command.type === 'AcceptOffer' || command.type === 'DeclineOffer') return offerGone(state);
  return wrongState(state, command);
}
