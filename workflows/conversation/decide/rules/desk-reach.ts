import type { FailureClass, Facts, WorkDone } from '../../inputs.ts';
import type { Refusal } from '../../refusals.ts';
import type { ConversationState, In, PhaseOf, Target } from '../../state.ts';
import { mayRetry } from './backoff.ts';
import { failHandover } from './handover.ts';
import { add, begin, type Plan } from './plan.ts';
import { routeTo } from './queue.ts';
import { returnToBot } from './return-to-bot.ts';
import { queueByRoute } from './routing.ts';

/**
 * Can the desk be reached? A line that fails starts the clock, one that arrives stops it. When the clock runs out, or
 * the desk fails for good, the customer gets somebody else: by the policy the queue, or the bot; the bot, too, where the
 * record refuses the queue because its group is gone.
 */
export function lineFailed(plan: Plan, deskId: string, failure: FailureClass, facts: Facts): Plan {
  const held = heldBy(plan.state, deskId);
  if (mayRetry(failure)) return held?.deskLostSince === null ? add(plan, { type: 'DeskLost', deskId }) : plan;
  return isGone(failure) ? deskFailed(plan, deskId, failure, facts) : plan;
}

/** Only these say something about the desk; the others are about the one message. */
function isGone(failure: FailureClass): boolean {
  return failure === 'permanent' || failure === 'auth' || failure === 'recipient-unreachable';
}

export function lineArrived(plan: Plan, deskId: string): Plan {
  const since = heldBy(plan.state, deskId)?.deskLostSince ?? null;
  return since === null ? plan : add(plan, { type: 'DeskFound', deskId });
}

/** The deadline: out of reach for too long. Where no bot could take over, the customer waits for people, if any are. */
export function deskLostTooLong(state: In<'assigned'>, now: number, { context, refused }: Facts): Plan {
  const plan = begin(state, now);
  const target = queueAfterLoss(state, refused);
  if (target === null) return returnToBot(plan, 'desk-lost');
  return queueByRoute(plan, { route: routeTo(state, target, context), because: 'desk-lost' });
}

/** null: the bot takes over. */
export function queueAfterLoss(
  { policy, session, phase }: In<'assigned'>,
  refused: Refusal | undefined,
): Target | null {
  const wantsBot = policy.desk.onLost === 'bot' && session?.botId;
  return wantsBot || refused !== undefined ? null : phase.target;
}

/** For good: there is no use in queueing for the very desk that has failed. */
function deskFailed(plan: Plan, deskId: string, failure: FailureClass, { context, refused }: Facts): Plan {
  const { state } = plan;
  const { phase } = state;
  if (phase.name === 'queued' && phase.target.kind === 'desk' && phase.target.deskId === deskId) {
    return failHandover(plan, 'waiting', failure);
  }
  const held = heldBy(state, deskId);
  if (held === null) return plan;
  const target = queueWithout(deskId, { ...state, phase: held }, refused);
  if (target === null) return returnToBot(plan, 'desk-failed');
  return queueByRoute(plan, { route: routeTo(state, target, context), because: 'desk-lost' });
}

/** Where the conversation goes if what came of this work is that the desk which holds it has failed; null: to no queue. */
export function queueAfterFailure(state: In<'assigned'>, { work, outcome, refused }: WorkDone): Target | null {
  const { owner } = state.phase;
  const failed = work === 'SendToDesk' && outcome.kind === 'failed' && isGone(outcome.class);
  return failed && owner.kind === 'desk' ? queueWithout(owner.deskId, state, refused) : null;
}

function queueWithout(deskId: string, { policy, phase }: In<'assigned'>, refused: Refusal | undefined): Target | null {
  const elsewhere = phase.target.kind !== 'desk' || phase.target.deskId !== deskId;
  return policy.desk.onLost === 'queue' && elsewhere && refused === undefined ? phase.target : null;
}

function heldBy({ phase }: ConversationState, deskId: string): PhaseOf<'assigned'> | null {
  return phase.name === 'assigned' && phase.owner.kind === 'desk' && phase.owner.deskId === deskId ? phase : null;
}
