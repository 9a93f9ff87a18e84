/** What outside desks tell: stored like a channel's webhook. Whether a desk may say it is the conversation's decision. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { acceptDeskEvents } from '../../store/desk-events.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { notFound } from '../problem.ts';
import { documentedCalls, endpointOf, judgeCall, rawRequest, readRawBodies } from '../webhook-request.ts';

const params = z.object({
  accountId: z.string().describe('Id of the account.'),
  deskId: z.string().describe('Id of the desk.'),
});

export function deskEventRoutes({ pool, desks, backlog, clock }: ApiDependencies): FastifyPluginAsyncZod {
  const documented = documentedCalls(desks.values());
  return async (app) => {
    readRawBodies(app);
    app.route({
      method: ['GET', 'POST'],
      url: '/desks/:accountId/:deskId/events',
      config: { scope: 'signature', problems: ['backlog-full'], documented },
      schema: {
        tags: ['Webhooks'],
        summary: 'What an outside desk tells of its hand-overs',
        description:
          'Signed with Standard Webhooks: `{"type": "desk.answered", "data": {"id", "handoverId", "person", "content"}}` or a ' +
          'list of such, also `desk.accepted`, `desk.refused`, `desk.closed`, `desk.took`; docs/signed-http.md has all.',
        params,
        response: { 200: z.unknown().describe('Stored, or the answer to a challenge.') },
      },
      handler: async (request, reply) => {
        const { accountId, deskId } = request.params;
        const connection = await endpointOf(pool, 'desk', { accountId, id: deskId });
        const adapter = desks.get(connection.type);
        if (adapter === undefined) throw notFound('desk');
        const raw = rawRequest(request, clock());
        const { challenge, items } = judgeCall(adapter, raw, connection, { kind: 'desk', backlog });
        if (challenge !== null) return reply.type('text/plain; charset=utf-8').send(challenge);
        await acceptDeskEvents(pool, { accountId, deskId, at: raw.receivedAt, items });
        return {};
      },
    });
  };
}
