/** The text of an event: what happened, what caused it, and the policy in force. */
import type { Cause } from '../../workflows/actor/record.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { By } from '../../workflows/conversation/inputs.ts';

export interface EventData {
  event: ConversationEvent;
  cause: Exclude<Cause, { kind: 'command' }> | { kind: 'command'; name: string; key: string; by: By };
  policy: number;
}

/** Null where it is not such a text: rows may have been changed by a foreign hand. */
export function parseEventData(text: string): EventData | null {
  try {
    const data = JSON.parse(text) as Partial<EventData> | null;
    const { event, cause } = data ?? {};
    return typeof event?.type === 'string' && typeof event.at === 'number' && cause ? (data as EventData) : null;
  } catch {
    return null;
  }
}
