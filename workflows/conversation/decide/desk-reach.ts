import type { FailureClass } from '../inputs.ts';
import type { Refusal } from '../refusals.ts';
import type { ConversationState, In, PhaseOf } from '../state.ts';
import { mayRetry } from './backoff.ts';
import { failHandover } from './handover.ts';
import { add, begin, type Plan } from './plan.ts';
import { requeue } from './queue.ts';
import { returnToBot } from './return-to-bot.ts';

/**
 * Can the desk be reached? A line that fails starts the clock, one that arrives stops it. When the clock runs out, or
 * the desk fails for good, the customer gets somebody else: by the policy the queue, or the bot; the bot, too, where the
 * record refuses the queue because its group is gone.
 */
export function lineFailed(plan: Plan, deskId: string, failure: FailureClass, refused: Refusal | undefined): Plan {
  const held = heldBy(plan.state, deskId);
  if (mayRetry(failure)) return held?.deskLostSince === null ? add(plan, { type: 'DeskLost', deskId }) : plan;
  // Only these say something about the desk; the others are about the one message.
  const gone = failure === 'permanent' || failure === 'auth' || failure === 'recipient-unreachable';
  return gone ? deskFailed(plan, deskId, failure, refused) : plan;
}

export function lineArrived(plan: Plan, deskId: string): Plan {
  const since = heldBy(plan.state, deskId)?.deskLostSince ?? null;
  return since === null ? plan : add(plan, { type: 'DeskFound', deskId });
}

/** The deadline: out of reach for too long. Where no bot could take over, the customer waits for people, if any are. */
export function deskLostTooLong(state: In<'assigned'>, now: number, refused: Refusal | undefined): Plan {
  const plan = begin(state, now);
  const wantsBot = state.policy.desk.onLost === 'bot' && state.session?.botId;
  if (wantsBot || refused !== undefined) return returnToBot(plan, 'desk-lost');
  return requeue(plan, { target: state.phase.target, because: 'desk-lost' });
}

/** For good: there is no use in queueing for the very desk that has failed. */
function deskFailed(plan: Plan, deskId: string, failure: FailureClass, refused: Refusal | undefined): Plan {
  const { phase, policy } = plan.state;
  if (phase.name === 'queued' && phase.target.kind === 'desk' && phase.target.deskId === deskId) {
    return failHandover(plan, 'waiting', failure);
  }
  const held = heldBy(plan.state, deskId);
  if (held === null) return plan;
  const elsewhere = held.target.kind !== 'desk' || held.target.deskId !== deskId;
  const queues = policy.desk.onLost === 'queue' && elsewhere && refused === undefined;
  if (queues) return requeue(plan, { target: held.target, because: 'desk-lost' });
  return returnToBot(plan, 'desk-failed');
}

function heldBy({ phase }: ConversationState, deskId: string): PhaseOf<'assigned'> | null {
  return phase.name === 'assigned' && phase.owner.kind === 'desk' && phase.owner.deskId === deskId ? phase : null;
}
