/** Who holds the conversation has read it: told to the customer, where the channel shows it. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { noteRead } from '../../store/visitor-stream.ts';
import { actingAs } from '../acting.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, idIn, nothing } from '../fields.ts';
import { notFound } from '../problem.ts';
import { ownConversation } from '../readers.ts';

export function readingRoutes({ clock }: Pick<ApiDependencies, 'clock'>): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/conversations/:conversationId/read',
      {
        config: { scope: 'conversations:write', problems: ['not-the-owner', 'forbidden'] },
        schema: {
          tags: ['Conversations'],
          summary: 'The owner has read everything up to this message',
          description:
            'Web chats show it under the customer’s words. Told again, or of an earlier message, it changes nothing.',
          params: idIn('conversationId'),
          body: z.strictObject({ messageId: id, agentId: id.optional() }),
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const { conversationId } = request.params;
        const { messageId, agentId } = request.body;
        const author = actingAs(request.principal, agentId);
        await request.inAccount(async (tx) => {
          await ownConversation(tx, request.principal, conversationId, author);
          const read = { accountId, conversationId, messageId, at: new Date(clock()) };
          if (!(await noteRead(tx, read))) throw notFound('message of this conversation');
        });
        return reply.code(204).send();
      },
    );
  };
}
