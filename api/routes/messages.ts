/** The transcript of a conversation, with the comments between its messages. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { listTranscript, type TranscriptRow } from '../../store/transcript.ts';
import { shownContent } from '../content.ts';
import { id, idIn, iso, time } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage, transcriptKey } from '../paging.ts';
import { seenConversation } from '../readers.ts';

const line = z
  .object({
    kind: z.enum(['message', 'comment']),
    id,
    position: z.number().int().describe('Place in the transcript; of a comment, of the message before it.'),
    author: z.object({
      kind: z.enum(['customer', 'bot', 'agent', 'desk', 'engine']),
      id: z.string().nullable(),
      name: z.string().nullable(),
    }),
    content: shownContent.nullable().describe('null: erased.'),
    at: time,
    delivery: z
      .object({
        outbound: z.number().int().describe('Number in the conversation.'),
        status: z.enum(['pending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'cancelled']),
        class: z.string().nullable().describe('Why it failed.'),
        waitsFor: z
          .enum(['customer'])
          .nullable()
          .describe('Of a pending one: the channel takes it once the customer has written.'),
      })
      .nullable()
      .describe('Of what goes out to the customer. It only rises.'),
    visibility: z.enum(['personal', 'agents']).nullable().describe('Of a comment.'),
    clientId: z.string().nullable().describe('The sender’s own id (web chat).'),
  })
  .meta({ id: 'TranscriptLine' });

const query = z.strictObject({
  ...pageQuery,
  show: z.enum(['messages', 'comments', 'all']).default('all').describe('Which lines; by default all.'),
  order: z
    .enum(['asc', 'desc'])
    .default('asc')
    .describe('`asc`: oldest first; `desc`: newest first. The same in every page.'),
});

export const messageRoutes: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/conversations/:conversationId/messages',
    {
      config: { scope: 'conversations:read', problems: ['forbidden'] },
      schema: {
        tags: ['Conversations'],
        summary: 'What was said, and commented',
        description: 'Personal comments are shown to their author alone.',
        params: idIn('conversationId'),
        querystring: query,
        response: { 200: pageOf(line) },
      },
    },
    async (request) => {
      const { limit, cursor, show, order } = request.query;
      const key = readCursor(cursor, transcriptKey);
      const after = key === null ? null : { position: key[0], note: key[1] };
      const rows = await request.inAccount(async (tx) => {
        const { actor, reader } = await seenConversation(tx, request.principal, request.params.conversationId);
        const newestFirst = order === 'desc';
        return listTranscript(tx, actor, { show, readerId: reader.agentId, newestFirst, limit, after });
      });
      return toPage(rows, limit, ({ position, note }) => [position, note], showLine);
    },
  );
};

function showLine({ kind, author, delivery, ...row }: TranscriptRow): z.output<typeof line> {
  return {
    kind,
    id: row.id,
    position: row.position,
    author: author as z.output<typeof line>['author'],
    content: row.content as z.output<typeof shownContent> | null,
    at: iso(row.at),
    delivery: delivery && {
      outbound: delivery.seq,
      status: delivery.status as NonNullable<z.output<typeof line>['delivery']>['status'],
      class: delivery.failureClass,
      waitsFor: delivery.waitsFor,
    },
    visibility: row.visibility,
    clientId: row.clientId,
  };
}
