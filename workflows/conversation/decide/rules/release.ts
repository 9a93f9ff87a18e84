import type { Outbound } from '../../state.ts';
import { add, type Plan } from './plan.ts';

/**
 * Letting go of whoever has the conversation or waits for it: the owner's place, an offer that is out, the desk that
 * holds it or was asked. It stands in the same decision as what comes next, so no place is ever held by nobody.
 *
 * How a desk parts decides what becomes of words under way:
 * - `lost`: somebody else has the chat. The desk's unsent lines and those to it are cancelled, and it is told.
 * - `closed`: we are done here. Nothing is cancelled, and the desk is told after the last line.
 * - `left`: it refused or closed by itself. Lines to it are void; what it said before still goes out.
 */
export type Parting = 'lost' | 'closed' | 'left';

export function letGo(plan: Plan, because: string, parting: Parting): Plan {
  const { phase } = plan.state;
  if (phase.name === 'assigned') {
    const released = add(plan, { type: 'OwnerReleased', owner: phase.owner, because });
    return phase.owner.kind === 'desk' ? partFromDesk(released, phase.owner.deskId, parting) : released;
  }
  if (phase.name === 'queued') {
    const withdrawn = withdrawOffer(plan);
    return phase.target.kind === 'desk' ? partFromDesk(withdrawn, phase.target.deskId, parting) : withdrawn;
  }
  return plan;
}

export function withdrawOffer(plan: Plan): Plan {
  const { phase } = plan.state;
  if (phase.name !== 'queued' || phase.offer === null) return plan;
  const { claimId, agentId } = phase.offer;
  return add(plan, { type: 'OfferEnded', claimId, agentId, because: 'gone' });
}

function partFromDesk(plan: Plan, deskId: string, parting: Parting): Plan {
  const { handover, count, baton } = plan.state;
  if (handover === null) return plan;
  const isTo = ({ to }: Outbound) => to.kind === 'desk' && to.deskId === deskId && to.handover === handover.no;
  const isBy = ({ author, epoch }: Outbound) => author === 'desk' && epoch === baton.epoch;
  const voided = plan.state.outbox.filter(
    (line) => (parting !== 'closed' && isTo(line)) || (parting === 'lost' && isBy(line)),
  );
  const cleared = voided.reduce((sofar, line) => cancel(sofar, line, 'desk-lost-chat'), plan);
  if (parting === 'left') return cleared;
  const kind = parting === 'lost' ? 'taken' : 'closed';
  return add(cleared, { type: 'DeskNoticeQueued', no: count.deskNotice + 1, deskId, handover: handover.no, kind });
}

/** Words that shall not go out any more. Where an attempt's outcome is unknown nothing can be taken back: it stays so. */
export function cancel(plan: Plan, line: Outbound, because: 'takeover' | 'situation-over' | 'desk-lost-chat'): Plan {
  if (line.ambiguous) return add(plan, { type: 'MessageSettled', seq: line.seq, as: 'unknown', class: 'ambiguous' });
  return add(plan, { type: 'MessageCancelled', seq: line.seq, because });
}
