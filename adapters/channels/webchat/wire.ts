import type { Content } from '../../contract.ts';

/**
 * What the script (widget/widget.js) and the API's `/v1/widget` routes say to each other. The session's token goes in
 * `Authorization: Bearer …`, never in an address.
 *
 * | route | asks | answers |
 * |---|---|---|
 * | POST sessions | `{accountId, channelId, visitor?, pageUrl?}`; `visitor` is the site's JWT | `{token, cursor, appearance?}` |
 * | POST messages | `{clientMessageId, text, payload?}`; the same id has one effect | 2xx |
 * | GET messages?after= | | `{items, cursor}`, oldest first, after that cursor; none left: an empty list |
 * | GET events | `Last-Event-ID`: a cursor or the id of an event | SSE: `message` and `receipt` with an id; `typing` without |
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
