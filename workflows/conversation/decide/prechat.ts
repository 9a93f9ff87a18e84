import type { Input, WorkDone } from '../inputs.ts';
import type { In } from '../state.ts';
import { answerTurn, askedBot, turnTimedOut, type TurnRules } from './rules/answers.ts';
import { block } from './rules/block.ts';
import { customerWrote } from './rules/customer.ts';
import { deskTook } from './rules/desk.ts';
import { readAnswer } from './rules/form.ts';
import { failHandover } from './rules/handover.ts';
import { otherwise } from './rules/otherwise.ts';
import { add, begin, type Outcome } from './rules/plan.ts';
import { requestHandover } from './rules/request.ts';
import { returnToBot } from './rules/return-to-bot.ts';
import { routeHandover } from './rules/routing.ts';

/**
 * The intake: the bot's dialogue or the account's form, then the routing of what was said. Whatever fails here, and
 * whoever gives up, the customer goes on with the bot; a failed intake never hands over.
 */
export function prechat(state: In<'prechat'>, input: Input, now: number): Outcome {
  switch (input.type) {
    case 'CustomerWrote':
      return customerWrote(state, input, now);
    case 'CustomerCancelled':
      return returnToBot(begin(state, now), 'customer-cancelled');
    case 'BotAnswered':
      return answerTurn(state, now, input, rules);
    case 'RequestHandover':
      return requestHandover(state, input, now);
    case 'DeskTook':
      return deskTook(state, input, now);
    case 'Block':
    case 'ContactBlocked':
      return block(state, input, now);
    case 'DeadlinePassed':
      if (input.kind === 'bot-turn') return turnTimedOut(state, now, rules);
      if (input.kind === 'prechat-abandoned') return returnToBot(begin(state, now), 'intake-abandoned');
      return otherwise(state, input, now);
    case 'WorkDone':
      return workDone(state, input, now);
    default:
      return otherwise(state, input, now);
  }
}

function workDone(state: In<'prechat'>, done: WorkDone, now: number): Outcome {
  switch (done.work) {
    case 'AskBot':
      return askedBot(state, now, done, rules);
    case 'CheckAnswer':
      return readAnswer(state, now, done.outcome);
    case 'RouteHandover':
      return routeHandover(state, now, done.outcome, done.refused);
    default:
      return otherwise(state, done, now);
  }
}

/** The prechat event must be answered with a dialogue (S3-3): a bot that says nothing has not taken anything in. */
const rules: TurnRules = {
  answered: (plan, answer, turn) => {
    const no = plan.state.handover?.no ?? 0;
    if (answer.intake === 'cancelled') return returnToBot(plan, 'customer-cancelled');
    if (turn.about.kind === 'prechat' && answer.messageIds.length === 0) {
      return failHandover(plan, 'intake', 'no-dialogue');
    }
    return answer.intake === 'done' ? add(plan, { type: 'IntakeFinished', no, answerId: answer.answerId }) : plan;
  },
  failed: (plan, _turn, failure) => failHandover(plan, 'intake', failure),
};
