import type { Command, Facts } from '../../inputs.ts';
import type { Refusal } from '../../refusals.ts';
import type { ConversationState, In, Target } from '../../state.ts';
import { assign } from './assign.ts';
import { requestOfEngine } from './handover.ts';
import { add, begin, type Outcome, type Plan } from './plan.ts';
import { routeTo } from './queue.ts';
import { rejected } from './rejected.ts';
import { returnToBot } from './return-to-bot.ts';
import { leadsNowhere, queueByRoute } from './routing.ts';

/**
 * A resolved conversation lives on, within the lock only. The customer's next message goes where the reopen policy says:
 * to the same agent (if that place can be taken, else to the queue), to the queue, or to the bot. Where resolving has
 * ended the lock it goes to the bot, if there is one. The end of the session, or of the reopen window, is a deadline and came before.
 */
export function reopenByCustomer(plan: Plan, { context, refused }: Facts): Plan {
  const { phase, session, policy } = plan.state;
  if (phase.name !== 'resolved' || session === null) return plan;
  const reopened = add(plan, { type: 'ConversationReopened', by: 'customer' });
  const target = queueOfReopening(plan.state, refused);
  if (target === null) return returnToBot(reopened, 'reopened');
  const requested = requestOfEngine(reopened);
  const owner = policy.reopen.to === 'same-agent' && refused === undefined ? phase.lastOwner : null;
  if (owner?.kind === 'agent') return assign(requested, { owner, by: 'reopen', target });
  return queueByRoute(requested, { route: routeTo(plan.state, target, context), because: 'reopen' });
}

/** The queue of a conversation that the customer reopens, also where its agent gets it back; null: the bot gets it. */
export function queueOfReopening(state: ConversationState, refused: Refusal | undefined): Target | null {
  const { phase, session, policy } = state;
  if (phase.name !== 'resolved' || session === null || leadsNowhere(refused)) return null;
  const wantsBot = !session.locked || policy.reopen.to === 'bot';
  return wantsBot && session.botId !== null ? null : phase.target;
}

/** An agent takes a resolved conversation up again, for themselves. */
export function reopenByAgent(
  state: In<'resolved'>,
  command: Extract<Command, { type: 'Reopen' }>,
  now: number,
): Outcome {
  if (state.session === null) return rejected(state, 'session-ended', 'the session has ended');
  const { target } = state.phase;
  if (!state.session.locked || target === null)
    return rejected(state, 'lock-ended', 'the customer is with the bot again');
  const plan = add(begin(state, now), { type: 'ConversationReopened', by: 'agent' });
  return assign(requestOfEngine(plan), { owner: { kind: 'agent', agentId: command.agentId }, by: 'reopen', target });
}
