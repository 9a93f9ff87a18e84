/**
 * What channels bring in, one route for all of them: verified over its raw bytes, read, stored whole in one transaction,
 * and only then acknowledged. Nothing here waits for a conversation to take it.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { acceptInbound } from '../../store/inbound.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { notFound } from '../problem.ts';
import { endpointOf, rawRequest, readRawBodies, requireFew, requireRoom, requireVerified } from '../webhook-request.ts';

const params = z.object({ accountId: z.string(), channelId: z.string() });

export function webhookRoutes({ pool, channels, backlog, clock }: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    readRawBodies(app);
    app.route({
      method: ['GET', 'POST'],
      url: '/webhooks/:accountId/:channelId',
      config: { scope: 'public' },
      schema: {
        tags: ['Webhooks'],
        summary: 'What a messaging network tells of a channel',
        description:
          'Signed as its network signs (`http`: Standard Webhooks). An item that comes again has no effect; one that ' +
          'can’t be read is kept aside, and the others go on. A challenge of the network is answered. `http` sends ' +
          '`{"type": "message.received", "data": {"id", "thread", "contact": {"id"}, "content": {"text"}}}` or a list ' +
          'of such; adapters/channels/http/README.md has all types.',
        params,
        response: { 200: z.unknown() },
      },
      handler: async (request, reply) => {
        const { accountId, channelId } = request.params;
        const connection = await endpointOf(pool, 'channel', { accountId, id: channelId });
        const ingress = channels.get(connection.type)?.ingress;
        if (!ingress) throw notFound('channel');
        const raw = rawRequest(request, clock());
        const challenge = requireVerified(ingress.verify(raw, connection));
        if (challenge !== null) return reply.type('text/plain; charset=utf-8').send(challenge);
        if (request.method === 'GET') throw notFound('channel');
        requireRoom(backlog);
        const items = ingress.parse(raw, connection).filter((item) => item.kind !== 'ignored');
        requireFew(items);
        await acceptInbound(pool, { accountId, sourceId: channelId, at: raw.receivedAt, items });
        const { status, body } = ingress.ack();
        return reply.code(status as 200).send(body);
      },
    });
  };
}
