import type { Command, InboxInput } from '../inputs.ts';
import type { Refusal } from '../refusals.ts';
import type { In, Target } from '../state.ts';
import { assign } from './assign.ts';
import { mayAct } from './by.ts';
import { otherwise } from './otherwise.ts';
import { begin, ignored, type Outcome } from './plan.ts';
import { requeue } from './queue.ts';
import { notTheOwner, rejected } from './rejected.ts';
import { letGo } from './release.ts';
import { resolve } from './resolve.ts';
import { returnToBot } from './return-to-bot.ts';

/**
 * Ways in which an owner loses a conversation to the queue or to another owner. Each is one decision: the old place is
 * free and the new one taken, or nothing has changed (B-5). Who gave it up doesn't get it straight back (S4-6).
 */

/** The first wins: the owner joins again without effect, anybody else learns who has it (S4-4). */
export function joinOver(state: In<'assigned'>, command: Extract<Command, { type: 'Join' }>): Outcome {
  if (isOwner(state, command.agentId)) return ignored('already-owner');
  return rejected(state, 'taken', 'somebody else has the conversation');
}

/** A supervisor, or a backend, gives the conversation to another agent. */
export function assignOver(state: In<'assigned'>, command: Extract<Command, { type: 'Assign' }>, now: number): Outcome {
  const { agentId, by } = command;
  if (isOwner(state, agentId)) return ignored('already-owner');
  if (by.kind === 'agent' || by.kind === 'bot') return rejected(state, 'taken', 'somebody else has the conversation');
  const override = command.override && by.kind === 'supervisor';
  const released = letGo(begin(state, now), 'assign', 'lost');
  return assign(released, { owner: { kind: 'agent', agentId }, by: 'assign', target: state.phase.target, override });
}

export function unassign(state: In<'assigned'>, command: Extract<Command, { type: 'Unassign' }>, now: number): Outcome {
  const { owner, target } = state.phase;
  if (!mayAct(owner, command.by)) return notTheOwner(state);
  return requeue(begin(state, now), { target, because: 'unassign', notTo: agentOf(state) });
}

/** To a group or a desk by its queue; to an agent at once, who must have a free place. */
export function forward(state: In<'assigned'>, command: Extract<Command, { type: 'Forward' }>, now: number): Outcome {
  const { owner, target } = state.phase;
  const { to } = command;
  if (!mayAct(owner, command.by)) return notTheOwner(state);
  if (to.kind === 'agent' && isOwner(state, to.agentId)) return ignored('already-owner');
  if (to.kind === 'desk' && owner.kind === 'desk' && owner.deskId === to.deskId) return ignored('already-owner');
  if (state.transfers >= state.policy.maxTransfers) {
    return rejected(state, 'too-many-transfers', 'the conversation was forwarded too often without a reply');
  }
  const plan = begin(state, now);
  if (to.kind !== 'agent') return requeue(plan, { target: to, because: 'forward', notTo: agentOf(state) });
  const next = { kind: 'agent', agentId: to.agentId } as const;
  return assign(letGo(plan, 'forward', 'lost'), { owner: next, by: 'forward', target });
}

/** No reply in time: back to the group, at the place that its age gives it (S1-11); to the bot, if that group is gone. */
export function noReplyInTime(state: In<'assigned'>, now: number, refused: Refusal | undefined): Outcome {
  if (refused !== undefined) return returnToBot(begin(state, now), 'handover-failed');
  return requeue(begin(state, now), { target: state.phase.target, because: 'no-reply', notTo: agentOf(state) });
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
  const entry = { because: 'agent-left', notTo: input.agentId } as const;
  const own = state.phase.target;
  const other = otherGroup(input, own);
  // The record refuses a group that is gone meanwhile. Then the own queue takes it back, and if that is gone, the bot.
  if (input.refused === undefined) return requeue(plan, { target: other ?? own, ...entry });
  return other === null ? returnToBot(plan, 'handover-failed') : requeue(plan, { target: own, ...entry });
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
