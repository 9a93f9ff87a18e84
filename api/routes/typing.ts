/** An agent is writing: told to the customer, where the channel shows it, and stored nowhere. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tellTyping } from '../../store/visitor-stream.ts';
import { allowAbsentBodies } from '../absent-bodies.ts';
import { id, idIn, nothing } from '../fields.ts';
import { ownConversation } from '../readers.ts';
import { actingAs } from '../acting.ts';

export const typingRoutes: FastifyPluginAsyncZod = async (app) => {
  allowAbsentBodies(app);
  app.post(
    '/conversations/:conversationId/typing',
    {
      config: { scope: 'conversations:write', problems: ['forbidden', 'not-the-owner'] },
      schema: {
        tags: ['Conversations'],
        summary: 'The owner is writing',
        description:
          'Told to whoever looks now, and stored nowhere: repeat it every few seconds while it lasts. Only where ' +
          'the channel shows it. 409 `not-the-owner` unless the agent holds the chat.',
        params: idIn('conversationId'),
        body: z.strictObject({ on: z.boolean().default(true), agentId: id.optional() }).default({ on: true }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { accountId } = request.principal;
      const { conversationId } = request.params;
      const { on, agentId } = request.body;
      const author = actingAs(request.principal, agentId);
      await request.inAccount(async (tx) => {
        const { groupId, botId } = await ownConversation(tx, request.principal, conversationId, author);
        await tellTyping(tx, { accountId, conversationId, from: 'agent', on, agentId: author, groupId, botId });
      });
      return reply.code(204).send();
    },
  );
};
