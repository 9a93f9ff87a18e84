import type { AssignedBy, Owner, Target } from '../../state.ts';
import { tellSituation } from './notices.ts';
import { add, type Plan } from './plan.ts';

export interface Assignment {
  owner: Owner;
  by: AssignedBy;
  /** Where it goes back to when given up. */
  target: Target;
  /** The matcher's claim that this confirms. */
  claimId?: string | null;
  override?: boolean;
  /** A program took it from its owner for this one (B-5). */
  isTransfer?: boolean;
}

/**
 * Somebody gets the conversation, and the customer is told once (S4-4). For an agent the record takes the place in the
 * same transaction, or refuses; whoever had it before was let go in the same decision.
 */
export function assign(plan: Plan, assignment: Assignment): Plan {
  const { owner, by, target, claimId = null, override = false, isTransfer = false } = assignment;
  const { handover, count, phase } = plan.state;
  const waitingSince = phase.name === 'queued' || phase.name === 'assigned' ? phase.waitingSince : plan.now;
  const no = handover?.no ?? count.handover;
  const what = { owner, by, claimId, override, target, waitingSince };
  const counted = isTransfer ? { isTransfer } : {};
  const assigned = add(plan, { type: 'ConversationAssigned', no, ...what, ...counted });
  return tellSituation(assigned, 'assigned', `assigned:${assigned.state.baton.epoch}`);
}
