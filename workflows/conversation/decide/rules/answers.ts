import type { BotAnswer, FailureClass, WorkDone, WorkFailure } from '../../inputs.ts';
import type { ConversationState, Turn } from '../../state.ts';
import { numberOf } from '../../pending.ts';
import { mayRetry, turnWait } from './backoff.ts';
import { queueToChannel, tell } from './notices.ts';
import { add, begin, ignored, type Outcome, type Plan } from './plan.ts';

/**
 * What became of a bot's turn. All its tries share one number and the first answer wins, by whichever way it comes; a
 * word of a turn that is over is discarded, visibly.
 */

/** What a state does when the bot has answered, or has given its last try away. */
export interface TurnRules {
  answered: (plan: Plan, answer: BotAnswer, turn: Turn) => Plan;
  failed: (plan: Plan, turn: Turn, failure: FailureClass) => Plan;
}

export function askedBot(
  state: ConversationState,
  now: number,
  done: Extract<WorkDone, { work: 'AskBot' }>,
  rules: TurnRules,
): Outcome {
  switch (done.outcome.kind) {
    case 'answered':
      return answerTurn(state, now, answerOf(done, done.outcome.answer), rules);
    case 'deferred':
      return deferTurn(state, now);
    case 'failed':
      return retryTurn(state, now, done.outcome, rules);
  }
}

/** An answer to a turn, by the call's own reply or by a later call: of the turn that is out, or too late. */
export function answerTurn(
  state: ConversationState,
  now: number,
  input: { turn: number; answer: BotAnswer; refused?: unknown },
  rules: TurnRules,
): Outcome {
  const { turn } = state;
  if (turn === null || turn.no !== input.turn) return lateAnswer(state, now, input);
  // The record doesn't know the drafts: there is nothing to say, as if the bot had failed.
  if (input.refused !== undefined) return giveUp(state, now, turn, 'permanent', rules);
  const { answerId, messageIds } = input.answer;
  const handover = handoverOf(state, input.answer);
  const heard = add(begin(state, now), { type: 'BotTurnAnswered', no: turn.no, answerId, handover });
  const said = messageIds.reduce(
    (sofar, messageId) => queueToChannel(sofar, { kind: 'message', messageId }, 'bot'),
    heard,
  );
  return rules.answered(said, input.answer, turn);
}

/** Which hand-over an answer speaks for: the one whose intake runs, or the one that it asks for. */
function handoverOf({ phase, handover, count }: ConversationState, answer: BotAnswer): number | null {
  if (phase.name === 'prechat') return handover?.no ?? null;
  return phase.name === 'bot' && handover === null && answer.handover !== null ? count.handover + 1 : null;
}

/** A second report of an answer that was taken is a repeat; any other comes from a turn that is over. */
export function lateAnswer(state: ConversationState, now: number, input: { turn: number; answer: BotAnswer }): Outcome {
  const { answerId, messageIds } = input.answer;
  if (state.answers.some((taken) => taken.turn === input.turn && taken.answerId === answerId)) {
    return ignored('answer-repeated');
  }
  const plan = add(begin(state, now), {
    type: 'InputDiscarded',
    input: 'BotAnswered',
    because: 'turn-over',
    ref: answerId,
  });
  return messageIds.reduce(
    (sofar, messageId) => add(sofar, { type: 'DraftDiscarded', messageId, because: 'turn-superseded' }),
    plan,
  );
}

/** A bot that answered 202 let its deadline pass. */
export function turnTimedOut(state: ConversationState, now: number, rules: TurnRules): Outcome {
  return state.turn === null ? ignored('turn-over') : giveUp(state, now, state.turn, 'retryable', rules);
}

/** The customer is told that the bot failed, and stays with it. */
export function apologize(plan: Plan, turn: Turn): Plan {
  return tell(plan, 'bot-failed', `turn:${turn.no}`);
}

/** The bot takes its time (202): it owes its answer by a deadline of its own. */
function deferTurn(state: ConversationState, now: number): Outcome {
  if (state.turn === null) return ignored('turn-over');
  return add(begin(state, now), {
    type: 'BotTurnDeferred',
    no: state.turn.no,
    until: now + state.policy.bot.turnMs,
  });
}

/**
 * A try failed: the next one after a while, or the state's rule for a bot that can't be reached. One that wants to be left
 * alone for longer than a bot may take for a turn is as good as away: it isn't asked before, and the customer hears of it now.
 */
function retryTurn(state: ConversationState, now: number, failure: WorkFailure, rules: TurnRules): Outcome {
  const { turn, policy } = state;
  if (turn === null) return ignored('turn-over');
  const { no, attempt } = turn;
  const wait = turnWait(attempt, failure);
  const again = mayRetry(failure.class) && attempt < policy.bot.tries && wait <= policy.bot.turnMs;
  if (!again) return giveUp(state, now, turn, failure.class, rules);
  const retried = { no, attempt: attempt + 1, notBeforeAt: now + wait, class: failure.class };
  return add(begin(state, now), { type: 'BotTurnRetried', ...retried });
}

function giveUp(state: ConversationState, now: number, turn: Turn, failure: FailureClass, rules: TurnRules): Plan {
  const plan = add(begin(state, now), { type: 'BotTurnFailed', no: turn.no, class: failure });
  return rules.failed(plan, turn, failure);
}

/** The answer with the turn that the work was for, which may be over. */
export function answerOf(done: WorkDone, answer: BotAnswer) {
  const turn = numberOf(done.workId);
  return done.refused === undefined ? { turn, answer } : { turn, answer, refused: done.refused };
}
