/** What the feed tells, as the document shows it and as `feed-items.ts` must make it. */
import { z } from 'zod';
import { shownContent } from './content.ts';
import { id, time } from './fields.ts';

const conversationId = id.describe('Of the conversation that it is about.');
const cursor = z.string().describe('Where to come back to. Opaque.');

const event = z
  .object({
    conversationId,
    no: z.number().int().describe('Number of the event in the conversation: without gaps.'),
    type: z.string(),
    at: time,
    event: z
      .looseObject({ type: z.string() })
      .describe('The domain event: ids, codes, times in epoch ms, and no words.'),
    cause: z.looseObject({ kind: z.string() }).describe('What it was decided by.'),
    message: z
      .object({
        id,
        author: z.object({ kind: z.string(), name: z.string().nullable() }),
        content: shownContent.nullable().describe('null: erased.'),
      })
      .nullable()
      .describe('The message that the event is about.'),
  })
  .meta({ id: 'FeedEvent' });

const comment = z
  .object({
    conversationId,
    at: time,
    id,
    agentId: id.nullable().describe('null: a backend wrote it.'),
    visibility: z.enum(['personal', 'agents']),
    text: z.string().nullable().describe('null: erased.'),
  })
  .meta({ id: 'FeedComment' });

const receipt = z
  .object({
    conversationId,
    at: time,
    outbound: z.number().int().describe('Number of the outbound message in the conversation.'),
    messageId: id.nullable(),
    status: z.string().describe('`sent`, `delivered`, `read` or `failed`.'),
    class: z.string().nullable().describe('Why it failed.'),
  })
  .meta({ id: 'FeedReceipt' });

const typing = z.object({ conversationId, from: z.literal('visitor'), on: z.boolean() }).meta({ id: 'FeedTyping' });

const hidden = z.object({ conversationId }).meta({ id: 'FeedHidden' });

const erased = z
  .object({
    contactId: id,
    conversationIds: z.array(id).describe('Those in which words of theirs stood; of others’, too.'),
    at: time,
  })
  .meta({
    id: 'FeedErased',
    description:
      'Drop what you hold of the contact, and read these conversations anew: nothing of theirs can be read any more.',
  });

const place = z.object({});

export const feedMessage = z
  .discriminatedUnion('event', [
    z.object({ id: cursor, event: z.literal('event'), data: event }),
    z.object({ id: cursor, event: z.literal('comment'), data: comment }),
    z.object({ id: cursor, event: z.literal('receipt'), data: receipt }),
    z.object({ event: z.literal('typing'), data: typing }),
    z.object({ id: cursor, event: z.literal('hidden'), data: hidden }),
    z.object({ id: cursor, event: z.literal('erased'), data: erased }),
    z.object({ id: cursor, event: z.enum(['ready', 'reload']), data: place }),
  ])
  .meta({ id: 'FeedMessage' });

export type FeedMessage = z.output<typeof feedMessage>;
