import type { ConversationEvent, EventOf } from '../../../workflows/conversation/events.ts';
import type { Teller } from './teller.ts';
import type { Who } from './who.ts';

/** One sentence per type of event. It stands after its subject, `who`: “agent Ada: gives the chat up”. */
export type Sentences<T extends ConversationEvent['type']> = {
  [K in T]: (event: EventOf<K>, tell: Teller, who: Who) => string;
};
