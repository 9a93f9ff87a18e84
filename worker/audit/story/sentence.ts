import type { ConversationEvent, EventOf } from '../../../workflows/conversation/events.ts';
import type { Teller } from './teller.ts';

/** One sentence per type of event. */
export type Sentences<T extends ConversationEvent['type']> = {
  [K in T]: (event: EventOf<K>, tell: Teller) => string;
};
