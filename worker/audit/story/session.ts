import { reason } from './reasons.ts';
import type { Sentences } from './sentence.ts';
import type { Teller } from './teller.ts';

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
    `session ${session.no} begins${session.botId === null ? ', without a bot' : `, with bot ${tell.name(session.botId)}`}`,
  SessionEnded: ({ no }) => `session ${no} ends`,
  PolicyApplied: ({ policy }) => `policy ${policy.version} is in force from here`,
  CustomerMessageAccepted: ({ messageId }, tell) => `wrote ${tell.words(messageId)}`,
  TagsChanged: ({ added, removed }, tell) =>
    [added.length > 0 && `adds ${tags(added, tell)}`, removed.length > 0 && `removes ${tags(removed, tell)}`]
      .filter(Boolean)
      .join(', '),
  ConversationBlocked: ({ block, here }, tell) =>
    `the contact is blocked${here ? '' : ' (in another conversation)'}, because ${tell.blockReason(block.blockId)}` +
    (block.expiresAt === null ? '' : `, until ${tell.time(block.expiresAt)}`),
  ConversationUnblocked: ({ because }) =>
    because === 'expired' ? 'the block is over' : 'the contact is no longer blocked',
  InputDiscarded: ({ input, because }) => `${input} has no effect: ${reason(because)}`,
};

const tags = (ids: string[], tell: Teller): string =>
  `${ids.length === 1 ? 'tag' : 'tags'} ${ids.map((id) => tell.name(id)).join(', ')}`;
