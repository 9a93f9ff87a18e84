import type { Sentences } from './sentence.ts';

export const sessionSentences: Sentences<
  | 'SessionStarted'
  | 'SessionEnded'
  | 'PolicyApplied'
  | 'CustomerMessageAccepted'
  | 'TagsChanged'
  | 'ConversationBlocked'
  | 'ConversationUnblocked'
  | 'InputDiscarded'
> = {
  SessionStarted: ({ session }, tell) =>
    `session ${session.no} began${session.botId === null ? ', without a bot' : ` with bot ${tell.name(session.botId)}`}`,
  SessionEnded: ({ no }) => `session ${no} ended`,
  PolicyApplied: ({ policy }) => `policy ${policy.version} is in force from here`,
  CustomerMessageAccepted: ({ messageId }, tell) => `wrote ${tell.words(messageId)}`,
  TagsChanged: ({ added, removed }, tell) =>
    `tags ${[...added.map((id) => `+${tell.name(id)}`), ...removed.map((id) => `-${tell.name(id)}`)].join(' ')}`,
  ConversationBlocked: ({ block, here }, tell) =>
    `the contact is blocked${here ? '' : ' (in another conversation)'}, because ${tell.blockReason(block.blockId)}` +
    (block.expiresAt === null ? '' : `, until ${tell.time(block.expiresAt)}`),
  ConversationUnblocked: ({ because }) =>
    because === 'expired' ? 'the block expired' : 'the contact is no longer blocked',
  InputDiscarded: ({ input, because }) => `${input} discarded: ${because}`,
};
