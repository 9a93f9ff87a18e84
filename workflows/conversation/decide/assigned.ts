import type { Command, Input } from '../inputs.ts';
import type { In } from '../state.ts';
import { block } from './rules/block.ts';
import { byId, mayAct } from '../by.ts';
import { customerWrote } from './rules/customer.ts';
import { deskAnswered, deskClosed, deskTook } from './rules/desk.ts';
import { deskLostTooLong } from './rules/desk-reach.ts';
import { agentLeft, assignOver, forward, joinOver, noReplyInTime, unassign } from './rules/give-up.ts';
import { queueToChannel, tell } from './rules/notices.ts';
import { otherwise } from './rules/otherwise.ts';
import { add, begin, type Outcome } from './rules/plan.ts';
import { notTheOwner, rejected } from './rules/rejected.ts';
import { requestHandover } from './rules/request.ts';
import { resolve } from './rules/resolve.ts';
import { returnToBot } from './rules/return-to-bot.ts';

/**
 * One agent, or one desk, has the conversation: nobody else's words are accepted. It stays theirs until they give it
 * up, a supervisor or a desk that already answers takes it, or time decides by the policy.
 */
export function assigned(state: In<'assigned'>, input: Input, now: number): Outcome {
  switch (input.type) {
    case 'CustomerWrote':
      return customerWrote(state, input, now);
    case 'Reply':
      return reply(state, input, now);
    case 'Join':
      return joinOver(state, input);
    case 'Assign':
      return assignOver(state, input, now);
    case 'Unassign':
      return unassign(state, input, now);
    case 'Forward':
      return forward(state, input, now);
    case 'HandBack':
      return handBack(state, input, now);
    case 'Resolve':
      return resolveByOwner(state, input, now);
    case 'AgentLeft':
      return agentLeft(state, input, now);
    case 'DeskTook':
      return deskTook(state, input, now);
    case 'DeskAnswered':
      return deskAnswered(state, input, now);
    case 'DeskClosed':
      return deskClosed(state, input, now);
    case 'RequestHandover':
      return requestHandover(state, input, now);
    case 'Block':
    case 'ContactBlocked':
      return block(state, input, now);
    case 'DeadlinePassed':
      return deadlinePassed(state, input, now);
    default:
      return otherwise(state, input, now);
  }
}

/** Stored as a draft before; accepted here, it goes out for certain, whatever becomes of the chat. */
function reply(state: In<'assigned'>, command: Extract<Command, { type: 'Reply' }>, now: number): Outcome {
  const { owner } = state.phase;
  const own = owner.kind === 'agent' && owner.agentId === command.agentId && mayAct(owner, command.by);
  if (!own) return notTheOwner(state);
  const said = queueToChannel(begin(state, now), { kind: 'message', messageId: command.messageId }, 'agent');
  return add(said, { type: 'OwnerReplied' });
}

function handBack(state: In<'assigned'>, command: Extract<Command, { type: 'HandBack' }>, now: number): Outcome {
  if (!mayAct(state.phase.owner, command.by)) return notTheOwner(state);
  if (!state.session?.botId) return rejected(state, 'no-bot', 'no bot is configured for this conversation');
  return returnToBot(begin(state, now), 'hand-back');
}

function resolveByOwner(state: In<'assigned'>, command: Extract<Command, { type: 'Resolve' }>, now: number): Outcome {
  if (!mayAct(state.phase.owner, command.by)) return notTheOwner(state);
  return resolve(begin(state, now), command.by.kind === 'api' ? 'api' : 'agent', byId(command.by));
}

function deadlinePassed(
  state: In<'assigned'>,
  input: Extract<Input, { type: 'DeadlinePassed' }>,
  now: number,
): Outcome {
  switch (input.kind) {
    case 'first-reply':
      return noReplyInTime(state, now, input);
    case 'idle-warning':
      return warn(state, now);
    case 'idle-close':
      return resolve(begin(state, now), 'idle', null);
    case 'desk-lost':
      return deskLostTooLong(state, now, input);
    default:
      return otherwise(state, input, now);
  }
}

/** Once per silence of the customer; an answer cancels what is still unsent of it. */
function warn(state: In<'assigned'>, now: number): Outcome {
  return tell(add(begin(state, now), { type: 'IdleWarned' }), 'idle-warning', `idle:${state.phase.silentSince ?? 0}`);
}
