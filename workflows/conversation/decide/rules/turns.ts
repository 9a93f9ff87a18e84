import type { ConversationState, Range, TurnAbout } from '../../state.ts';
import { add, type Plan, type Step } from './plan.ts';

/**
 * The bot's turns: one out at a time. What the customer writes meanwhile waits and becomes the next one. Only a change
 * of epoch, or giving up, supersedes a turn.
 */

/**
 * Opens a turn with what waits, or one that is only an event; nothing where one is out, or where nobody would hear
 * it. An event comes alone: what waits is the turn after it, so the bot can't take it for an answer to the event.
 */
export function openTurn(plan: Plan, about: TurnAbout): Plan {
  const { session, baton, turn, count } = plan.state;
  if (session === null || turn !== null || baton.holder.kind !== 'bot') return plan;
  const { botId } = baton.holder;
  const messages = about.kind === 'messages' ? nextForBot(plan.state) : null;
  return add(plan, { type: 'BotTurnOpened', no: count.turn + 1, botId, about, messages, epoch: baton.epoch });
}

/**
 * Messages that are handed over together are one turn: one that was opened by a row of this very record has not begun, so its
 * messages are not fixed yet. From its first try on they are: all tries share them.
 */
export function widenTurn(plan: Plan, { seq, runFrom }: { seq: number; runFrom?: number }): Plan {
  const { turn, waiting, setAside } = plan.state;
  const isNew = runFrom !== undefined && turn !== null && turn.messages !== null && turn.messages.to >= runFrom;
  const isNext = waiting?.from === seq && setAside.length === 0;
  return isNew && isNext ? add(plan, { type: 'BotTurnWidened', no: turn.no, to: seq }) : plan;
}

export const supersedeTurn: Step = (plan) =>
  plan.state.turn === null ? plan : add(plan, { type: 'BotTurnSuperseded', no: plan.state.turn.no });

/** The baton has moved while a turn was out: whatever the bot answers now is void (B-2). */
export const supersedeStaleTurn: Step = (plan) =>
  plan.state.turn !== null && plan.state.turn.epoch !== plan.state.baton.epoch ? supersedeTurn(plan) : plan;

/** Messages wait and nothing keeps them from the bot: not while presence is checked, nor once the intake is over. */
export const openOwedTurn: Step = (plan) => {
  const { handover, phase } = plan.state;
  const listens = handover === null || (phase.name === 'prechat' && handover.step === 'intake');
  return nextForBot(plan.state) !== null && listens ? openTurn(plan, { kind: 'messages' }) : plan;
};

/** What a form set aside comes first, in turns of its own: what the form has read lies between. */
function nextForBot({ setAside, waiting }: ConversationState): Range | null {
  return setAside[0] ?? waiting;
}
