import type { Input, WorkDone } from '../inputs.ts';
import type { In } from '../state.ts';
import { answerTurn, apologize, askedBot, turnTimedOut, type TurnRules } from './rules/answers.ts';
import { blockAgain, unblock, unblockContact } from './rules/block.ts';
import { customerWrote } from './rules/customer.ts';
import { tell } from './rules/notices.ts';
import { otherwise } from './rules/otherwise.ts';
import { add, begin, type Outcome } from './rules/plan.ts';
import { requestHandover } from './rules/request.ts';

/**
 * The contact is blocked: the bot serves the customer, and nobody else will. A request for a person, by whichever way,
 * gets the block message again and goes no further (S1-8).
 */
export function blocked(state: In<'blocked'>, input: Input, now: number): Outcome {
  switch (input.type) {
    case 'CustomerWrote':
      return customerWrote(state, input, now);
    case 'BotAnswered':
      return answerTurn(state, now, input, rules);
    case 'RequestHandover':
      return requestHandover(state, input, now);
    case 'Unblock':
      return unblock(state, now, 'unblock');
    case 'ContactBlocked':
      return blockAgain(state, input, now);
    case 'ContactUnblocked':
      return unblockContact(state, now, input.blockId);
    case 'DeskTook':
      return add(begin(state, now), {
        type: 'InputDiscarded',
        input: input.type,
        because: 'blocked',
        ref: input.deskId,
      });
    case 'DeadlinePassed':
      if (input.kind === 'bot-turn') return turnTimedOut(state, now, rules);
      return input.kind === 'block-expiry' ? unblock(state, now, 'expired') : otherwise(state, input, now);
    case 'WorkDone':
      return workDone(state, input, now);
    default:
      return otherwise(state, input, now);
  }
}

function workDone(state: In<'blocked'>, done: WorkDone, now: number): Outcome {
  return done.work === 'AskBot' ? askedBot(state, now, done, rules) : otherwise(state, done, now);
}

const rules: TurnRules = {
  answered: (plan, answer) =>
    answer.handover === null ? plan : tell(plan, 'blocked', `block:${plan.state.block?.blockId ?? ''}`),
  failed: apologize,
};
