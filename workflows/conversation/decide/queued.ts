import type { InboxInput, Input, WorkDone } from '../inputs.ts';
import type { In } from '../state.ts';
import { block } from './rules/block.ts';
import { byId } from '../by.ts';
import { acceptOffer, assignFromQueue, confirmClaim, declineOffer, join } from './rules/claims.ts';
import { customerWrote } from './rules/customer.ts';
import { deskAccepted, deskClosed, deskRefused, deskTook, openedAtDesk } from './rules/desk.ts';
import { tell } from './rules/notices.ts';
import { otherwise } from './rules/otherwise.ts';
import { add, begin, ignored, type Outcome } from './rules/plan.ts';
import { routeTo } from './rules/queue.ts';
import { withdrawOffer } from './rules/release.ts';
import { requestHandover } from './rules/request.ts';
import { resolve } from './rules/resolve.ts';
import { returnToBot } from './rules/return-to-bot.ts';
import { nobodyLeft } from './rules/routing.ts';

/**
 * The customer waits for a person, in a group's queue or for a desk that was asked. The engine holds the baton; the bot
 * hears nothing. Somebody takes it, the customer gives up, or time decides by the policy.
 */
export function queued(state: In<'queued'>, input: Input, now: number): Outcome {
  switch (input.type) {
    case 'CustomerWrote':
      return customerWrote(state, input, now);
    case 'CustomerCancelled':
      return returnToBot(begin(state, now), 'customer-cancelled');
    case 'Join':
      return join(state, input, now);
    case 'Assign':
      return assignFromQueue(state, input, now);
    case 'AgentClaimed':
      return confirmClaim(state, input, now);
    case 'AcceptOffer':
      return acceptOffer(state, input, now);
    case 'DeclineOffer':
      return declineOffer(state, input, now);
    case 'AgentLeft':
      return agentLeft(state, input, now);
    case 'AvailabilityChanged':
      return nobodyLeft(state, now, routeTo(state, state.phase.target, input.context));
    case 'DeskTook':
      return deskTook(state, input, now);
    case 'DeskAccepted':
      return deskAccepted(state, input, now);
    case 'DeskRefused':
      return deskRefused(state, input, now);
    case 'DeskClosed':
      return deskClosed(state, input, now);
    case 'RequestHandover':
      return requestHandover(state, input, now);
    case 'Resolve':
      return resolve(begin(state, now), input.by.kind === 'api' ? 'api' : 'agent', byId(input.by));
    case 'Block':
    case 'ContactBlocked':
      return block(state, input, now);
    case 'DeadlinePassed':
      return deadlinePassed(state, input, now);
    case 'WorkDone':
      return workDone(state, input, now);
    default:
      return otherwise(state, input, now);
  }
}

function workDone(state: In<'queued'>, done: WorkDone, now: number): Outcome {
  return done.work === 'OpenAtDesk' ? openedAtDesk(state, now, done.outcome) : otherwise(state, done, now);
}

/** An agent who goes offline loses the offer; the chat itself isn't theirs. */
function agentLeft(state: In<'queued'>, input: Extract<InboxInput, { type: 'AgentLeft' }>, now: number): Outcome {
  if (state.phase.offer?.agentId !== input.agentId) return otherwise(state, input, now);
  return withdrawOffer(begin(state, now));
}

function deadlinePassed(state: In<'queued'>, input: Extract<Input, { type: 'DeadlinePassed' }>, now: number): Outcome {
  if (input.kind === 'queue-wait') return waitIsOver(state, now);
  if (input.kind === 'offer' && state.phase.offer !== null) {
    const { claimId, agentId } = state.phase.offer;
    return add(begin(state, now), { type: 'OfferEnded', claimId, agentId, because: 'expired' });
  }
  return ignored('not-armed');
}

/** Told once, then the customer waits on; by the policy the bot takes over, if there is one, or the chat is closed. */
function waitIsOver(state: In<'queued'>, now: number): Outcome {
  const plan = begin(state, now);
  const { onWaitOver } = state.policy.queue;
  if (onWaitOver === 'close') return resolve(plan, 'queue-wait', null);
  if (onWaitOver === 'bot' && state.session?.botId) return returnToBot(plan, 'queue-wait');
  const { entry } = state.phase;
  return tell(add(plan, { type: 'QueueWaitPassed', entry }), 'queue-wait', `queued:${entry}`);
}
