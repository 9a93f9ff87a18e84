import type { ResolveCause } from '../../state.ts';
import { tell } from './notices.ts';
import { add, type Plan } from './plan.ts';
import { letGo } from './release.ts';

/**
 * The end of a hand-over in `resolved`, whoever brings it about: the owner's place is free in the same record, and the
 * customer is told once. A session that ends by silence tells nobody, since nobody has been there for a day.
 */
export function resolve(plan: Plan, cause: ResolveCause, by: string | null): Plan {
  const { handover } = plan.state;
  const released = letGo(plan, cause, cause === 'desk-closed' ? 'left' : 'closed');
  const resolved = add(released, { type: 'ConversationResolved', cause, by });
  if (handover === null) return resolved;
  const ended = add(resolved, { type: 'HandoverEnded', no: handover.no, because: 'resolved' });
  return cause === 'session-end' ? ended : tell(ended, 'resolved', `resolved:${handover.no}`);
}
