import type { Refusal } from '../../refusals.ts';
import type { Route, WorkFailure } from '../../inputs.ts';
import type { ConversationState, Handover, In, Situation } from '../../state.ts';
import { doubling, mayRetry, sendWait } from './backoff.ts';
import { failHandover } from './handover.ts';
import { tellSituation } from './notices.ts';
import { add, begin, ignored, type Outcome, type Plan } from './plan.ts';
import { enqueue, type Entry } from './queue.ts';
import { returnToBot } from './return-to-bot.ts';

/** From the routing facts to a queue: the account's rules were asked outside, what comes of the answer is decided here. */

/** Attempts of a hand-over's step before the step has failed. */
const STEP_ATTEMPTS = 3;

export function routeHandover(
  state: ConversationState,
  now: number,
  outcome: { kind: 'routed'; route: Route } | WorkFailure,
  refused: Refusal | undefined,
): Plan {
  const plan = begin(state, now);
  if (outcome.kind === 'failed') return retryStep(plan, 'routing', 'RouteHandover', outcome);
  if (refused === 'context-changed' || isOutdated(state, outcome.route)) return routeAgain(plan);
  // The record refuses where the group is gone meanwhile, or the contact.
  if (refused !== undefined) return failHandover(plan, 'routing', 'permanent');
  return queueByRoute(plan, { route: outcome.route, because: 'handover' });
}

/** The record knows of no queue for it: the group is gone, or nobody is left who could be talked to. */
export function leadsNowhere(refused: Refusal | undefined): boolean {
  return refused === 'group-unknown' || refused === 'contact-erased';
}

/** It was on its way while a newer policy came. */
function isOutdated({ accountPolicy }: ConversationState, { policy }: Route): boolean {
  return policy.version < accountPolicy.version;
}

/** Nothing has failed, so it is no attempt less, and waited for only where the facts move under one try after another. */
function routeAgain(plan: Plan): Plan {
  const { handover } = plan.state;
  if (handover === null) return plan;
  const { no, attempt, outdated = 0 } = handover;
  const notBeforeAt = plan.now + (outdated === 0 ? 0 : doubling(outdated));
  return add(plan, { type: 'RouteOutdated', no, attempt: attempt + 1, notBeforeAt });
}

/**
 * Every way into a queue: the customer waits there, and is told once how things stand; or is with the bot again, where the
 * account wants that when nobody is there. Not so by a forward: a person has said where the customer is to wait, and that
 * counts for more than what usually becomes of a queue. (Who unassigns says only that it isn't theirs.)
 */
export function queueByRoute(plan: Plan, entry: Entry): Plan {
  const { route, because } = entry;
  if (because !== 'forward' && isForBot(plan.state, route)) return sendNobodyToBot(plan);
  const queued = enqueue(plan, entry);
  return route.situation === null ? queued : tellQueued(queued, route.situation);
}

/** Who waits already hears of it too when the last one goes, or the group closes; by its wish the bot takes over from nobody. */
export function nobodyLeft(state: In<'queued'>, now: number, route: Route): Outcome {
  const { situation } = route;
  if (situation === null || situation === 'all-busy') return ignored('somebody-is-there');
  const plan = begin(state, now);
  return isForBot(state, route) ? sendNobodyToBot(plan) : tellQueued(plan, situation);
}

function isForBot({ session }: ConversationState, { situation, policy }: Route): boolean {
  return (
    situation === 'all-offline' && policy.queue.onAllOffline === 'bot' && session !== null && session.botId !== null
  );
}

function sendNobodyToBot(plan: Plan): Plan {
  return returnToBot(tellSituation(plan, 'all-offline', `handover:${plan.state.handover?.no ?? 0}`), 'all-offline');
}

function tellQueued(plan: Plan, situation: Situation): Plan {
  return tellSituation(plan, situation, `queued:${plan.state.count.entry}`);
}

/** A failure that may pass is waited out, up to three attempts; then the step has failed. */
export function retryStep(
  plan: Plan,
  step: Handover['step'],
  work: 'RouteHandover' | 'CheckAnswer',
  failure: WorkFailure,
): Plan {
  const { handover } = plan.state;
  if (handover === null) return plan;
  const { no, attempt, outdated = 0 } = handover;
  const tries = attempt - outdated;
  if (!mayRetry(failure.class) || tries >= STEP_ATTEMPTS) return failHandover(plan, step, failure.class);
  const notBeforeAt = plan.now + sendWait(tries, failure);
  return add(plan, { type: 'WorkDelayed', no, work, attempt: attempt + 1, notBeforeAt });
}
