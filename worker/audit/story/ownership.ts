import type { AssignedBy, Owner } from '../../../workflows/conversation/state.ts';
import { reason } from './reasons.ts';
import type { Sentences } from './sentence.ts';
import type { Teller } from './teller.ts';
import type { Who } from './who.ts';

const assigned: Record<AssignedBy, string> = {
  join: 'joined',
  assign: 'assigned',
  forward: 'forwarded',
  claim: 'chosen by routing',
  offer: 'accepted the offer',
  reopen: 'had it before',
  'desk-accepted': 'accepted',
  'desk-took': 'took it unasked',
};

export const ownershipSentences: Sentences<
  | 'ConversationQueued'
  | 'QueueWaitPassed'
  | 'OfferMade'
  | 'OfferEnded'
  | 'ClaimDeclined'
  | 'ConversationAssigned'
  | 'OwnerReleased'
  | 'OwnerReplied'
  | 'IdleWarned'
  | 'ConversationResolved'
  | 'ConversationReopened'
> = {
  ConversationQueued: ({ target, entry, because, notTo }, tell) =>
    `queued for ${tell.target(target)} (queue entry ${entry}): ${reason(because)}` +
    (notTo === null ? '' : `; not straight back to ${tell.name(notTo)}`),
  QueueWaitPassed: ({ entry }) => `queue entry ${entry} has waited as long as it may`,
  OfferMade: ({ offer }, tell) => `offered to ${tell.name(offer.agentId)} until ${tell.time(offer.expiresAt)}`,
  OfferEnded: ({ agentId, because }, tell) => `the offer to ${tell.name(agentId)} is over: ${reason(because)}`,
  ClaimDeclined: ({ agentId, because }, tell) => `not given to ${tell.name(agentId)}: ${reason(because)}`,
  ConversationAssigned: ({ owner, by, override }, tell, who) =>
    `${whose(owner, tell, who)}has the chat now: ${assigned[by]}${override ? ', above the limit' : ''}`,
  OwnerReleased: ({ owner, because }, tell, who) =>
    `${whose(owner, tell, who)}no longer has the chat: ${reason(because)}`,
  OwnerReplied: () => 'the customer has a reply, and none is due',
  IdleWarned: () => 'the customer was asked whether they are still there',
  ConversationResolved: ({ cause }) =>
    cause === 'agent' || cause === 'api' ? 'resolved' : `resolved: ${reason(cause)}`,
  ConversationReopened: ({ by }) => `reopened by the ${by}`,
};

/** Named where it is somebody else than who acts. */
function whose(owner: Owner, tell: Teller, who: Who): string {
  const own = owner.kind === 'agent' ? owner.agentId : (owner.personId ?? owner.deskId);
  return own === who.id ? '' : `${tell.owner(owner)} `;
}
