import type { InboxInput } from '../../inputs.ts';
import type { ConversationState, Outbound, PhaseOf } from '../../state.ts';
import { requestOfEngine } from './handover.ts';
import { queueOutbound, tell } from './notices.ts';
import { add, begin, type Outcome, type Plan } from './plan.ts';
import { reopenByCustomer } from './reopen.ts';
import { inSession } from './session.ts';
import { widenTurn } from './turns.ts';

export type CustomerWrote = Extract<InboxInput, { type: 'CustomerWrote' }>;

/**
 * A customer's message. It is accepted in every state, prolongs the session, and goes to whoever serves the customer
 * now: the bot (or form) gets it with a turn, a desk gets it in order, an agent reads it in the conversation.
 */
export function customerWrote(state: ConversationState, input: CustomerWrote, now: number): Outcome {
  const begun = inSession(state, input, now);
  if (begun === null) {
    const because = input.refused ?? 'no-context';
    return add(begin(state, now), { type: 'InputDiscarded', input: input.type, because, ref: input.messageId });
  }
  const accepted = add(begun, { type: 'CustomerMessageAccepted', messageId: input.messageId, place: input.seq });
  const heard = accepted.state.window.closedAt === null ? accepted : add(accepted, { type: 'WindowOpened' });
  const reopens = heard.state.phase.name === 'resolved';
  return serve(reopens ? reopenByCustomer(heard, input) : heard, input);
}

function serve(plan: Plan, input: CustomerWrote): Plan {
  switch (plan.state.phase.name) {
    case 'bot':
      return plan.state.session?.botId ? holdForBot(plan, input) : noBot(plan);
    case 'prechat':
      return precedesForm(plan.state.phase, input) ? setAside(plan, input) : holdForBot(plan, input);
    case 'blocked':
      return plan.state.session?.botId ? holdForBot(plan, input) : plan;
    case 'queued':
    case 'assigned':
      return passToDesk(plan, input.messageId);
    case 'resolved':
      return plan;
  }
}

/** It waits for the next turn, which opens when the decision is concluded, or when the present turn ends. */
function holdForBot(plan: Plan, input: CustomerWrote): Plan {
  return widenTurn(add(plan, { type: 'MessageHeldForBot', place: input.seq }), input);
}

/**
 * It was stored before the form's first question was decided on, and is decided after it: no answer. One of the very time
 * of the question may be an answer: whatever is stored after it has that time at least, however late the clock there is.
 */
function precedesForm(phase: PhaseOf<'prechat'>, { at }: CustomerWrote): boolean {
  return phase.by === 'form' && at !== undefined && at < phase.since;
}

/** The bot's when the customer is the bot's again; where there is none, it stands in the conversation. */
function setAside(plan: Plan, input: CustomerWrote): Plan {
  return plan.state.session?.botId ? add(plan, { type: 'MessageSetAside', place: input.seq }) : plan;
}

/** What a desk that was asked, or holds the conversation, must hear; an agent of ours needs no sending. */
function passToDesk(plan: Plan, messageId: string): Plan {
  const to = servingDesk(plan.state);
  return to === null ? plan : queueOutbound(plan, to, { kind: 'message', messageId }, 'customer');
}

function servingDesk(state: ConversationState): Extract<Outbound['to'], { kind: 'desk' }> | null {
  const { phase, handover } = state;
  if (handover === null) return null;
  const server = phase.name === 'assigned' ? phase.owner : phase.name === 'queued' ? phase.target : null;
  return server?.kind === 'desk' ? { kind: 'desk', deskId: server.deskId, handover: handover.no } : null;
}

/**
 * No bot is configured: the same as a bot that fails, but the apology comes once in a session and not for every message. What
 * was written stands in the conversation, for whoever comes to read it.
 */
function noBot(plan: Plan): Plan {
  const { policy, handover, session, apologizedIn } = plan.state;
  if (handover !== null || session === null) return plan;
  if (policy.bot.onFailure === 'hand-over') return requestOfEngine(plan);
  if (apologizedIn === session.no) return plan;
  return tell(add(plan, { type: 'BotMissing', session: session.no }), 'bot-failed', `session:${session.no}`);
}
