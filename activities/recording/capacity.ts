/** Events and the two states → what happens to agents' places, the assignment and the queue entry. */
import type { ConversationEvent, EventOf } from '../../workflows/conversation/events.ts';
import { projectConversation } from '../../workflows/conversation/project.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import type { DecisionRecord } from '../../store/record.ts';

type Capacity = Pick<
  DecisionRecord,
  | 'agents'
  | 'release'
  | 'claim'
  | 'decline'
  | 'groupId'
  | 'expectSomebody'
  | 'assignmentChanged'
  | 'assignment'
  | 'queueChanged'
  | 'queue'
>;

export function capacityOf(before: ConversationState, after: ConversationState, events: ConversationEvent[]): Capacity {
  const had = assignmentOf(before);
  const has = assignmentOf(after);
  const assigned = events.findLast((event) => event.type === 'ConversationAssigned');
  const reopened = events.findLast((event) => event.type === 'ConversationReopened');
  const claims = has !== null && has.agentId !== had?.agentId;
  const queue = queueOf(after);
  // Asked when the chat gets there, and not again with every message: nobody removes a group in which a chat waits.
  const groupId = queue?.entry === queueOf(before)?.entry ? null : (queue?.groupId ?? null);
  const told = after.handover?.told ?? [];
  const release = had !== null && has?.agentId !== had.agentId ? had.agentId : null;
  const declined = events.filter((event) => event.type === 'ClaimDeclined' || event.type === 'OfferEnded');
  return {
    agents: [release, claims ? has.agentId : null, ...declined.map((event) => event.agentId)].filter(
      (id) => id !== null,
    ),
    release,
    claim: claims && assigned ? claimOf(before, after, { assigned, reopenedBy: reopened?.by ?? null }) : null,
    decline: declined.map(({ claimId }) => ({ claimId })),
    groupId,
    expectSomebody: groupId !== null && !told.includes('all-offline') && !told.includes('out-of-hours'),
    assignmentChanged: JSON.stringify(had) !== JSON.stringify(has),
    assignment: has,
    queueChanged: JSON.stringify(queueOf(before)) !== JSON.stringify(queue),
    queue,
  };
}

function claimOf(
  before: ConversationState,
  after: ConversationState,
  { assigned, reopenedBy }: { assigned: EventOf<'ConversationAssigned'>; reopenedBy: string | null },
): DecisionRecord['claim'] {
  const { owner, by, claimId, override } = assigned;
  if (owner.kind !== 'agent') return null;
  const takenUp = by === 'join' || by === 'offer' || (by === 'reopen' && reopenedBy === 'agent');
  return {
    agentId: owner.agentId,
    override,
    online: !override,
    // Who takes a chat up is there; who is given one may have closed the laptop without a word.
    present: !override && !takenUp,
    // Who joins must be of the group; who is assigned or forwarded to was named by somebody who may.
    groupId: by === 'join' ? groupOf(before) : null,
    botId: after.session?.botId ?? null,
    claimId,
  };
}

function groupOf(state: ConversationState): string | null {
  return state.phase.name === 'queued' && state.phase.target.kind === 'group' ? state.phase.target.groupId : null;
}

function assignmentOf(state: ConversationState): DecisionRecord['assignment'] {
  if (state.phase.name !== 'assigned' || state.phase.owner.kind !== 'agent') return null;
  const { owner, override, since } = state.phase;
  return { agentId: owner.agentId, epoch: state.baton.epoch, override, since };
}

function queueOf(state: ConversationState): DecisionRecord['queue'] {
  const { queue, requestId } = projectConversation(state);
  if (queue === null) return null;
  const { offer, ...entry } = queue;
  return {
    ...entry,
    epoch: state.baton.epoch,
    botId: state.session?.botId ?? null,
    requestId,
    claimId: offer?.claimId ?? null,
  };
}
