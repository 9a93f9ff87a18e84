/** Every domain event in plain words. A new type of event without its sentence does not compile. */
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';
import { botSentences } from './bot.ts';
import { deskSentences } from './desk.ts';
import { handoverSentences } from './handover.ts';
import { ownershipSentences } from './ownership.ts';
import { sessionSentences } from './session.ts';
import type { Sentences } from './sentence.ts';
import type { Teller } from './teller.ts';
import { messageSentences } from './messages.ts';
import type { Who } from './who.ts';

export const sentences: Sentences<ConversationEvent['type']> = {
  ...sessionSentences,
  ...botSentences,
  ...handoverSentences,
  ...ownershipSentences,
  ...deskSentences,
  ...messageSentences,
};

/** What was changed by a foreign hand, or written by a build that knows more than this one, is named by its type. */
export function sentenceOf(event: ConversationEvent, tell: Teller, who: Who): string {
  const sentence = sentences[event.type] as ((event: ConversationEvent, tell: Teller, who: Who) => string) | undefined;
  try {
    return sentence?.(event, tell, who) ?? event.type;
  } catch {
    return event.type;
  }
}
