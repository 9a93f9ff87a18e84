import type { EventOf } from '../../events.ts';
import type { Context, Route } from '../../inputs.ts';
import type { ConversationState, Target } from '../../state.ts';
import { add, type Plan } from './plan.ts';
import { letGo } from './release.ts';

/** Into the queue, and back into it. Age is kept: `waitingSince` moves only when the customer begins to wait. */
export interface Entry {
  /** Where to, and under which numbers the customer waits there. */
  route: Route;
  because: EventOf<'ConversationQueued'>['because'];
  /** The agent who just gave it up. */
  notTo?: string | null;
  /** A program took it from its owner (B-5). */
  isTransfer?: boolean;
}

/**
 * What is known of a queue, or of the one that stands for it since it is gone: as it was read for this input. The shell reads
 * it for every input that may lead there (question.ts); a decision that is only tried, without facts, is under the account's
 * numbers.
 */
export function routeTo(state: ConversationState, target: Target, context: Context | undefined): Route {
  return context?.route ?? { target, situation: null, policy: state.accountPolicy };
}

export function isSameTarget(one: Target, other: Target): boolean {
  if (one.kind === 'group') return other.kind === 'group' && one.groupId === other.groupId;
  return other.kind === 'desk' && one.deskId === other.deskId;
}

/** Where somebody had it: in the same decision the old place is free, or nothing has changed (S1-6). */
export function enqueue(before: Plan, { route, because, notTo = null, isTransfer = false }: Entry): Plan {
  const { target, policy } = route;
  const plan = renumber(letGo(before, because, 'lost'), target);
  const { handover, count, phase } = plan.state;
  const waited = phase.name === 'queued' || phase.name === 'assigned' ? phase.waitingSince : plan.now;
  const no = handover?.no ?? count.handover;
  const entry = count.entry + 1;
  const counted = isTransfer ? { isTransfer } : {};
  const what = { target, waitingSince: waited, policy, because, notTo, ...counted };
  return add(plan, { type: 'ConversationQueued', no, entry, ...what });
}

/**
 * A desk knows a hand-over by its number, and takes a number that it had for the same request: it would never notice
 * that it is asked again. So the hand-over goes on under a new one, with the facts of the same request.
 */
function renumber(plan: Plan, target: Target): Plan {
  const { handover, count } = plan.state;
  if (handover === null || target.kind !== 'desk' || !handover.askedDesks.includes(target.deskId)) return plan;
  const { no, requestId, priority, by } = handover;
  return add(
    plan,
    { type: 'HandoverEnded', no, because: 'continued' },
    { type: 'HandoverRequested', no: count.handover + 1, request: { requestId, priority }, by },
  );
}
