/** What a visitor is told of a row of their stream, in a page of the history or as an event. */
import { z } from 'zod';
import type { StreamRow } from '../store/visitor-stream.ts';
import { shownContent } from './content.ts';
import { id, iso, time } from './fields.ts';

const message = z
  .object({
    id,
    place: z.number().int(),
    author: z.object({ kind: z.enum(['customer', 'bot', 'agent', 'desk', 'engine']), name: z.string().optional() }),
    content: shownContent,
    at: time,
    clientMessageId: z.string().optional(),
  })
  .meta({ id: 'VisitorMessage' });

export const visitorHistory = z.object({
  items: z.array(message),
  cursor: z.number().int(),
  readUpTo: id.nullable().describe('The newest of the visitor’s own messages that was read, and with it those before.'),
});

const placeId = z.string().describe('Place in the stream: where to come back to.');
const receipt = z
  .object({
    place: z.number().int(),
    messageId: id.describe('The visitor’s message up to which everything was read.'),
    status: z.string().nullable().describe('`read`.'),
  })
  .meta({ id: 'VisitorReceipt' });

/** What the stream tells. */
export const streamMessage = z
  .discriminatedUnion('event', [
    z.object({ id: placeId, event: z.literal('ready'), data: z.object({}) }),
    z.object({ id: placeId, event: z.literal('message'), data: message }),
    z.object({ id: placeId, event: z.literal('receipt'), data: receipt }),
    z.object({ event: z.literal('typing'), data: z.object({ on: z.boolean() }) }),
    z.object({ event: z.literal('state'), data: z.object({ waiting: z.boolean().describe('For a person.') }) }),
  ])
  .meta({ id: 'VisitorStreamMessage' });
type VisitorStreamMessage = z.output<typeof streamMessage>;

export function showMessage(row: StreamRow): z.output<typeof message> {
  const { kind, name } = row.author;
  return {
    id: row.messageId,
    place: row.place,
    author: name === null ? { kind } : { kind, name },
    content: (row.content ?? {}) as z.output<typeof shownContent>,
    at: iso(row.at),
    ...(row.clientId === null ? {} : { clientMessageId: row.clientId }),
  };
}

export function eventOf(row: StreamRow): VisitorStreamMessage {
  const { place: at, kind, messageId, status } = row;
  if (kind === 'message') return { id: String(at), event: kind, data: showMessage(row) };
  return { id: String(at), event: kind, data: { place: at, messageId, status } };
}
