import { deadlines, sessionEndsAt } from './deadlines.ts';
import { ownerOf, targetOf } from './evolve/ownership.ts';
import { pending } from './pending.ts';
import type { ConversationState, Holder, Offer, PhaseName } from './state.ts';

/** The columns of the read model's conversation row: what lists are filtered and ordered by. */
export interface Projection {
  phase: PhaseName;
  holderKind: Holder['kind'];
  holderId: string | null;
  epoch: number;
  sessionNo: number;
  sessionEndsAt: number | null;
  locked: boolean;
  /** Since when messages are held because the channel's window is closed. */
  windowClosedAt: number | null;
  handoverNo: number | null;
  requestId: string | null;
  /** The agent who owns the conversation now. */
  agentId: string | null;
  /** The agent's place was granted by a supervisor above the limit. */
  override: boolean;
  /** Desk or group that holds it, that it waits for, or that it would go back to. */
  deskId: string | null;
  groupId: string | null;
  priority: number;
  queue: QueueRow | null;
  resolvedAt: number | null;
  archived: boolean;
  blockId: string | null;
  tagIds: string[];
  policyVersion: number;
  /** Something still runs or waits; once false, the actor may complete. */
  open: boolean;
  outboxLength: number;
}

/** The queue entry; exactly one of group and desk is set. */
export interface QueueRow {
  entry: number;
  groupId: string | null;
  deskId: string | null;
  since: number;
  waitingSince: number;
  priority: number;
  notTo: string | null;
  offer: Offer | null;
}

/**
 * The read model's row of a state. A pure function of the state alone: the record writes it in its transaction, and a
 * rebuild from the events writes the same.
 */
export function projectConversation(state: ConversationState): Projection {
  const { phase, baton, session, handover } = state;
  const owner = ownerOf(state);
  const target = targetOf(state);
  return {
    phase: phase.name,
    holderKind: baton.holder.kind,
    holderId: holderId(baton.holder),
    epoch: baton.epoch,
    sessionNo: state.count.session,
    sessionEndsAt: sessionEndsAt(state),
    locked: session?.locked ?? false,
    windowClosedAt: state.window.closedAt,
    handoverNo: handover?.no ?? null,
    requestId: handover?.requestId ?? null,
    agentId: owner?.kind === 'agent' ? owner.agentId : null,
    override: phase.name === 'assigned' && phase.override,
    deskId: owner?.kind === 'desk' ? owner.deskId : target?.kind === 'desk' ? target.deskId : null,
    groupId: target?.kind === 'group' ? target.groupId : null,
    priority: priorityOf(state),
    queue: queueRow(state),
    resolvedAt: phase.name === 'resolved' ? phase.at : null,
    archived: phase.name === 'blocked',
    blockId: state.block?.blockId ?? null,
    tagIds: state.tagIds,
    policyVersion: state.policy.version,
    open: isOpen(state),
    outboxLength: state.outbox.length,
  };
}

/** Is anything left to run or to wait for? Where not, a million such conversations cost Temporal nothing. */
export function isOpen(state: ConversationState): boolean {
  return state.session !== null || state.handover !== null || deadlines(state).length > 0 || pending(state).length > 0;
}

function queueRow(state: ConversationState): QueueRow | null {
  if (state.phase.name !== 'queued') return null;
  const { entry, target, since, waitingSince, notTo, offer } = state.phase;
  const groupId = target.kind === 'group' ? target.groupId : null;
  const deskId = target.kind === 'desk' ? target.deskId : null;
  return { entry, groupId, deskId, since, waitingSince, priority: priorityOf(state), notTo, offer };
}

function priorityOf(state: ConversationState): number {
  return state.handover?.priority ?? (state.phase.name === 'resolved' ? state.phase.priority : 0);
}

function holderId(holder: Holder): string | null {
  switch (holder.kind) {
    case 'bot':
      return holder.botId;
    case 'agent':
      return holder.agentId;
    case 'desk':
      return holder.deskId;
    case 'engine':
      return null;
  }
}
