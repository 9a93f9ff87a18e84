import { sessionEndsAt } from '../../deadlines.ts';
import type { Context, Facts } from '../../inputs.ts';
import type { Refusal } from '../../refusals.ts';
import type { Block, ConversationState } from '../../state.ts';
import { failHandover, requestOfEngine } from './handover.ts';
import { add, begin, type Plan } from './plan.ts';
import { resolve } from './resolve.ts';
import { leadsNowhere, queueByRoute } from './routing.ts';

/**
 * Beginning and end of a session. A session begins with the customer's message, with a request for a person through
 * the API, or with a desk that takes the chat; what it depends on (policy, bot, responsible, block) comes as context.
 */

/**
 * A plan in which a session runs; null where one must begin and can't: nobody brought what it depends on, or the record
 * says that the contact is blocked (a shell that reads the facts anew after that gets its session, in `blocked`).
 */
export function inSession(state: ConversationState, input: Facts, now: number): Plan | null {
  const endsAt = sessionEndsAt(state);
  if (endsAt !== null && (now <= endsAt || input.context === undefined)) return begin(state, now);
  if (input.context === undefined || (input.refused === 'blocked' && input.context.block === null)) return null;
  const ended = endsAt === null ? begin(state, now) : endSession(begin(state, now));
  return beginSession(ended, input.context, input.refused);
}

function beginSession(plan: Plan, context: Context, refused: Refusal | undefined): Plan {
  const { mode, botId, policy, responsible } = context;
  const no = plan.state.count.session + 1;
  const session = { no, startedAt: plan.now, lastActivityAt: plan.now, mode, botId, locked: false };
  const started = add(liftBlock(plan, context.block), { type: 'SessionStarted', session, policy });
  if (context.block !== null) return add(started, { type: 'ConversationBlocked', block: context.block, here: false });
  if (responsible.kind === 'bot') return started;
  const requested = requestOfEngine(started, responsible.requestId);
  if (leadsNowhere(refused)) return failHandover(requested, 'routing', 'permanent');
  return queueByRoute(requested, { route: responsible.route, because: 'responsible' });
}

/** The contact was unblocked between two sessions. */
function liftBlock(plan: Plan, block: Block | null): Plan {
  if (plan.state.block === null || block !== null) return plan;
  return add(plan, { type: 'ConversationUnblocked', blockId: plan.state.block.blockId, because: 'unblock' });
}

/** Nobody has written for so long that whatever was open is over. The customer is told nothing: nobody is there. */
export function endSession(plan: Plan): Plan {
  const { phase, session } = plan.state;
  if (session === null) return plan;
  const closed = phase.name === 'queued' || phase.name === 'assigned' ? resolve(plan, 'session-end', null) : plan;
  const { handover } = closed.state;
  const ended: Plan = handover
    ? add(closed, { type: 'HandoverEnded', no: handover.no, because: 'session-end' })
    : closed;
  return add(ended, { type: 'SessionEnded', no: session.no });
}
