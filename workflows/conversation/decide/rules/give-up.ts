import type { Command, Facts, InboxInput } from '../../inputs.ts';
import type { In, Target } from '../../state.ts';
import { assign } from './assign.ts';
import { mayAct } from '../../by.ts';
import { otherwise } from './otherwise.ts';
import { begin, ignored, type Outcome } from './plan.ts';
import { routeTo } from './queue.ts';
import { notTheOwner, rejected } from './rejected.ts';
import { letGo } from './release.ts';
import { resolve } from './resolve.ts';
import { returnToBot } from './return-to-bot.ts';
import { queueByRoute } from './routing.ts';

/**
 * Ways in which an owner loses a conversation to the queue or to another owner. Each is one decision: the old place is
 * free and the new one taken, or nothing has changed (B-5). Who gave it up doesn't get it straight back (S4-6).
 */

/** The first wins: the owner joins again without effect, anybody else learns who has it (S4-4). */
export function joinOver(state: In<'assigned'>, command: Extract<Command, { type: 'Join' }>): Outcome {
  if (isOwner(state, command.agentId)) return ignored('already-owner');
  return rejected(state, 'taken', 'somebody else has the conversation');
}

/**
 * A supervisor, or a backend, gives the conversation to another agent. Programs could pass it on for ever, so theirs count as
 * transfers; a person's own decision does not (B-5).
 */
export function assignOver(state: In<'assigned'>, command: Extract<Command, { type: 'Assign' }>, now: number): Outcome {
  const { agentId, by } = command;
  if (isOwner(state, agentId)) return ignored('already-owner');
  if (by.kind === 'agent' || by.kind === 'bot') return rejected(state, 'taken', 'somebody else has the conversation');
  const isTransfer = by.kind !== 'supervisor';
  if (isTransfer && isPassedOnTooOften(state)) return tooManyTransfers(state);
  const owner = { kind: 'agent', agentId } as const;
  const override = command.override && !isTransfer;
  const released = letGo(begin(state, now), 'assign', 'lost');
  return assign(released, { owner, by: 'assign', target: state.phase.target, override, isTransfer });
}

/**
 * Whoever has it can always let go: where the record knows of no queue for it any more, the bot has the customer. A program
 * that takes it from its owner could give it to the next for ever, so that counts as a transfer (B-5).
 */
export function unassign(state: In<'assigned'>, command: Extract<Command, { type: 'Unassign' }>, now: number): Outcome {
  const { owner, target } = state.phase;
  if (!mayAct(owner, command.by)) return notTheOwner(state);
  const isTransfer = command.by.kind === 'api';
  if (isTransfer && isPassedOnTooOften(state)) return tooManyTransfers(state);
  if (isQueueGone(command)) return returnToBot(begin(state, now), 'handover-failed');
  const route = routeTo(state, target, command.context);
  return queueByRoute(begin(state, now), { route, because: 'unassign', notTo: agentOf(state), isTransfer });
}

/** A refusal that a command has an answer to. */
export function isQueueGone({ type, refused }: Command): boolean {
  return type === 'Unassign' && refused === 'group-unknown';
}

/** To a group or a desk by its queue; to an agent at once, who must have a free place. */
export function forward(state: In<'assigned'>, command: Extract<Command, { type: 'Forward' }>, now: number): Outcome {
  const { to } = command;
  const plan = begin(state, now);
  const instead = insteadOfForward(state, command);
  if (instead !== null) return instead;
  if (to.kind !== 'agent') {
    const route = routeTo(state, to, command.context);
    return queueByRoute(plan, { route, because: 'forward', notTo: agentOf(state) });
  }
  const next = { kind: 'agent', agentId: to.agentId } as const;
  return assign(letGo(plan, 'forward', 'lost'), { owner: next, by: 'forward', target: state.phase.target });
}

/** Why it is not forwarded; null: it is. */
function insteadOfForward(state: In<'assigned'>, { to, by }: Extract<Command, { type: 'Forward' }>): Outcome | null {
  const { owner } = state.phase;
  if (!mayAct(owner, by)) return notTheOwner(state);
  if (to.kind === 'agent' && isOwner(state, to.agentId)) return ignored('already-owner');
  if (to.kind === 'desk' && owner.kind === 'desk' && owner.deskId === to.deskId) return ignored('already-owner');
  return isPassedOnTooOften(state) ? tooManyTransfers(state) : null;
}

function isPassedOnTooOften({ transfers, policy }: In<'assigned'>): boolean {
  return transfers >= policy.maxTransfers;
}

function tooManyTransfers(state: In<'assigned'>): Outcome {
  return rejected(state, 'too-many-transfers', 'the conversation was passed on too often without a reply');
}

/** No reply in time: back to the group, at the place that its age gives it (S1-11); to the bot, if there is none any more. */
export function noReplyInTime(state: In<'assigned'>, now: number, { context, refused }: Facts): Outcome {
  if (refused !== undefined) return returnToBot(begin(state, now), 'handover-failed');
  const route = routeTo(state, state.phase.target, context);
  return queueByRoute(begin(state, now), { route, because: 'no-reply', notTo: agentOf(state) });
}

/** What the agent (or the account) said becomes of chats in progress; `keep` never gets here (S1-10). */
export function agentLeft(
  state: In<'assigned'>,
  input: Extract<InboxInput, { type: 'AgentLeft' }>,
  now: number,
): Outcome {
  if (!isOwner(state, input.agentId)) return otherwise(state, input, now);
  const plan = begin(state, now);
  if (input.then === 'close') return resolve(plan, 'agent-offline', null);
  const target = queueOfLeft(state, input);
  if (target === null) return returnToBot(plan, 'handover-failed');
  return queueByRoute(plan, {
    route: routeTo(state, target, input.context),
    because: 'agent-left',
    notTo: input.agentId,
  });
}

/** The record refuses a group that is gone meanwhile. Then the own queue takes it back, and if that is gone (null), the bot. */
function queueOfLeft(state: In<'assigned'>, input: Extract<InboxInput, { type: 'AgentLeft' }>): Target | null {
  const own = state.phase.target;
  const other = otherGroup(input, own);
  if (input.refused === undefined) return other ?? own;
  return other === null ? null : own;
}

/** The group to forward to, where that is not the chat's own. */
function otherGroup({ then, groupId }: Extract<InboxInput, { type: 'AgentLeft' }>, own: Target): Target | null {
  if (then !== 'forward' || groupId === null) return null;
  return own.kind === 'group' && own.groupId === groupId ? null : { kind: 'group', groupId };
}

function isOwner(state: In<'assigned'>, agentId: string): boolean {
  const { owner } = state.phase;
  return owner.kind === 'agent' && owner.agentId === agentId;
}

function agentOf(state: In<'assigned'>): string | null {
  const { owner } = state.phase;
  return owner.kind === 'agent' ? owner.agentId : null;
}

/** The queue that such an input leads into; null: none. What has to be known of it is read before the input is decided. */
export function queueAhead(
  state: In<'assigned'>,
  input: Extract<Command, { type: 'Unassign' | 'Forward' }> | Extract<InboxInput, { type: 'AgentLeft' }>,
): Target | null {
  switch (input.type) {
    case 'Unassign':
      return mayAct(state.phase.owner, input.by) && !isQueueGone(input) ? state.phase.target : null;
    case 'Forward':
      return input.to.kind === 'agent' || insteadOfForward(state, input) !== null ? null : input.to;
    case 'AgentLeft':
      return input.then === 'close' || !isOwner(state, input.agentId) ? null : queueOfLeft(state, input);
  }
}
