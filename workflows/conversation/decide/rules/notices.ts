import type { BoundTo, ConversationState, Notice, Outbound, Situation } from '../../state.ts';
import { add, type Plan } from './plan.ts';

/**
 * The engine's own words to the customer. Each is bound to the situation that caused it and is cancelled, while unsent,
 * once that situation is over; the words themselves are taken from the policy when it is recorded.
 */
export function tell(plan: Plan, notice: Notice, situation: BoundTo): Plan {
  return queueToChannel(plan, { kind: 'notice', notice, situation }, 'engine');
}

/** The auto-reply of a situation: once in a hand-over, and noted with it; of each new owner the customer is told (S4-4). */
export function tellSituation(plan: Plan, situation: Situation, bound: BoundTo): Plan {
  const { handover } = plan.state;
  if (handover === null || (situation !== 'assigned' && handover.told.includes(situation))) return plan;
  return tell(add(plan, { type: 'CustomerTold', no: handover.no, situation }), situation, bound);
}

export function queueToChannel(plan: Plan, what: Outbound['what'], author: Outbound['author']): Plan {
  return queueOutbound(plan, { kind: 'channel' }, what, author);
}

export function queueOutbound(
  plan: Plan,
  to: Outbound['to'],
  what: Outbound['what'],
  author: Outbound['author'],
): Plan {
  const { count, baton } = plan.state;
  return add(plan, { type: 'MessageQueued', seq: count.outbound + 1, to, what, author, epoch: baton.epoch });
}

/** Is the situation that a notice speaks of over? */
export function isOver(situation: BoundTo, state: ConversationState): boolean {
  const [kind, which] = partsOf(situation);
  const { phase, baton, handover } = state;
  switch (kind) {
    case 'queued':
      return phase.name !== 'queued' || String(phase.entry) !== which;
    case 'assigned':
      return phase.name !== 'assigned' || String(baton.epoch) !== which;
    case 'idle':
      return phase.name !== 'assigned' || String(phase.silentSince) !== which;
    case 'field':
      return phase.name !== 'prechat' || handover?.step !== 'intake' || String(phase.field) !== which;
    case 'resolved':
      return phase.name !== 'resolved';
    case 'block':
      return phase.name !== 'blocked';
    case 'turn':
    case 'session':
      return phase.name === 'queued' || phase.name === 'assigned';
    case 'handover':
      return handover !== null;
  }
}

type KindOf<B> = B extends `${infer K}:${string}` ? K : never;

function partsOf(situation: BoundTo): [kind: KindOf<BoundTo>, which: string] {
  const at = situation.indexOf(':');
  return [situation.slice(0, at) as KindOf<BoundTo>, situation.slice(at + 1)];
}
