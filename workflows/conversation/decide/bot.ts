import type { Input, WorkDone } from '../inputs.ts';
import type { In } from '../state.ts';
import { answerTurn, apologize, askedBot, turnTimedOut, type TurnRules } from './rules/answers.ts';
import { block } from './rules/block.ts';
import { customerWrote } from './rules/customer.ts';
import { deskTook } from './rules/desk.ts';
import { goesRound, request, requestOfEngine } from './rules/handover.ts';
import { checkPresence } from './rules/intake.ts';
import { otherwise } from './rules/otherwise.ts';
import { add, begin, type Outcome } from './rules/plan.ts';
import { requestHandover } from './rules/request.ts';
import { returnToBot } from './rules/return-to-bot.ts';
import { routeHandover } from './rules/routing.ts';

/**
 * The bot serves the customer, one turn at a time. A hand-over that was asked for is under way here too (presence, and
 * routing where there is no intake): meanwhile no new turn opens, and what the customer writes waits.
 */
export function bot(state: In<'bot'>, input: Input, now: number): Outcome {
  switch (input.type) {
    case 'CustomerWrote':
      return customerWrote(state, input, now);
    case 'CustomerCancelled':
      if (state.handover === null) return otherwise(state, input, now);
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
      return input.kind === 'bot-turn' ? turnTimedOut(state, now, rules) : otherwise(state, input, now);
    case 'WorkDone':
      return workDone(state, input, now);
    default:
      return otherwise(state, input, now);
  }
}

function workDone(state: In<'bot'>, done: WorkDone, now: number): Outcome {
  switch (done.work) {
    case 'AskBot':
      return askedBot(state, now, done, rules);
    case 'CheckPresence':
      return checkPresence(state, now, done.outcome);
    case 'RouteHandover':
      return routeHandover(state, now, done.outcome, done.refused);
    default:
      return otherwise(state, done, now);
  }
}

/** A hand-over is terminal in its turn; while one is open another request has no effect (S0-4). */
const rules: TurnRules = {
  answered: (plan, { handover }) => {
    if (handover === null || plan.state.handover !== null) return plan;
    const because = 'too-many-transfers';
    return goesRound(plan.state)
      ? add(plan, { type: 'InputDiscarded', input: 'RequestHandover', because, ref: handover.requestId })
      : request(plan, handover, 'bot');
  },

  /**
   * By the policy a person, or an apology. A bot that can't even be woken after a return never hands over again: with
   * everybody offline that would go round in a circle, without the customer having said a word.
   */
  failed: (plan, turn) => {
    if (plan.state.handover !== null) return plan;
    const person = plan.state.policy.bot.onFailure === 'hand-over' && turn.about.kind !== 'returned';
    return person ? requestOfEngine(plan) : apologize(plan, turn);
  },
};
