import type { Content } from '../../contract/content.ts';

/** Of one message that a visitor writes, in UTF-16 units. */
export const LONGEST_VISITOR_TEXT = 10_000;

/**
 * What the script (widget/page/) and the API's `/v1/widget` routes say to each other. The session's token goes in
 * `Authorization: Bearer …`, never in an address.
 *
 * What the visitor wrote is delivered when the server has it, and read when who holds the conversation says so. `state` says
 * whether a person is awaited, whenever that changes; at first nobody is.
 *
 * | route | asks | answers |
 * |---|---|---|
 * | POST sessions | `{accountId, channelId, visitor?, pageUrl?}`; `visitor` is the site's JWT | `{token, cursor, appearance?}` |
 * | POST messages | `{clientMessageId, text, payload?}`; the same id has one effect | 2xx |
 * | GET messages?after= | | `{items, cursor, readUpTo}`, oldest first, after that cursor; none left: an empty list |
 * | GET events | `Last-Event-ID`: a cursor or the id of an event | SSE: `message` and `receipt` with an id; `typing` and `state` without |
 * | POST typing `{on}`, read `{place}`, cancel | | 2xx |
 */
export interface WidgetMessage {
  id: string;
  /** Place in the visitor's stream; the id of its event. */
  place: number;
  author: { kind: 'customer' | 'bot' | 'agent' | 'desk' | 'engine'; name?: string };
  content: Content;
  at: string;
  /** The visitor's own. */
  clientMessageId?: string;
}

export interface WidgetHistory {
  items: WidgetMessage[];
  cursor: number;
  /** The newest of the visitor's own that was read, and with it those before; null: none. */
  readUpTo: string | null;
}

/** Of the visitor's own message, and those before it. */
export interface WidgetReceipt {
  messageId: string;
  status: 'read';
}
