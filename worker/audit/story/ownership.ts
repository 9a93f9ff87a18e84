import type { Sentences } from './sentence.ts';

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
    `queued for ${tell.target(target)} (entry ${entry}): ${because}` +
    (notTo === null ? '' : `, not to ${tell.name(notTo)}`),
  QueueWaitPassed: ({ entry }) => `entry ${entry} has waited its time`,
  OfferMade: ({ offer }, tell) => `offered to ${tell.name(offer.agentId)} until ${tell.time(offer.expiresAt)}`,
  OfferEnded: ({ agentId, because }, tell) => `the offer to ${tell.name(agentId)} is over: ${because}`,
  ClaimDeclined: ({ agentId, because }, tell) => `not given to ${tell.name(agentId)}: ${because}`,
  ConversationAssigned: ({ owner, by, override }, tell) =>
    `assigned to ${tell.owner(owner)}, by ${by}${override ? ' above the limit' : ''}`,
  OwnerReleased: ({ owner, because }, tell) => `${tell.owner(owner)} no longer has the chat: ${because}`,
  OwnerReplied: () => 'the owner answered the customer',
  IdleWarned: () => 'the customer was asked whether they are still there',
  ConversationResolved: ({ cause, by }, tell) => `resolved (${cause})${by === null ? '' : ` by ${tell.name(by)}`}`,
  ConversationReopened: ({ by }) => `reopened by the ${by}`,
};
