/**
 * What channels bring in, one route for all of them: verified over its raw bytes, read, stored whole in one transaction,
 * and only then acknowledged. Nothing here waits for a conversation to take it.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RawRequest } from '../../adapters/contract/call.ts';
import { acceptInbound, acceptInboundIf } from '../../store/inbound.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { type Channel, createKnownChannels } from '../known-channels.ts';
import { notFound } from '../problem.ts';
import {
  documentedCalls,
  mostItems,
  rawRequest,
  readRawBodies,
  requireFew,
  requireRoom,
  requireVerified,
} from '../webhook-request.ts';

const params = z.object({
  accountId: z.string().describe('Id of the account.'),
  channelId: z.string().describe('Id of the channel.'),
});

export function webhookRoutes({ pool, channels, backlog, clock }: ApiDependencies): FastifyPluginAsyncZod {
  const documented = documentedCalls(
    Array.from(channels.values(), ({ type, ingress }) => ({ type, body: ingress?.body })),
  );
  const known = createKnownChannels(pool);

  /** False: nothing is stored, nothing refused; the channel has to be read as it is now. */
  const storedAsKnown = async (raw: RawRequest, channel: Channel): Promise<boolean> => {
    const ingress = channels.get(channel.type)?.ingress;
    if (!ingress || ingress.verify(raw, channel).ok !== true || backlog.isFull()) return false;
    const items = ingress.parse(raw, channel).filter((item) => item.kind !== 'ignored');
    if (items.length === 0 || items.length > mostItems) return false;
    const { accountId, id: sourceId, version } = channel;
    return acceptInboundIf(pool, { accountId, sourceId, at: raw.receivedAt, items }, version);
  };

  return async (app) => {
    readRawBodies(app);
    app.route({
      method: ['GET', 'POST'],
      url: '/webhooks/:accountId/:channelId',
      config: { scope: 'signature', problems: ['backlog-full'], documented },
      schema: {
        tags: ['Webhooks'],
        summary: 'What a messaging network tells of a channel',
        description:
          'Signed as its network signs (`http`: Standard Webhooks). An item that comes again has no effect; one that ' +
          'can’t be read is kept aside, and the others go on. A challenge of the network is answered. `http` sends ' +
          '`{"type": "message.received", "data": {"id", "thread", "contact": {"id"}, "content": {"text"}}}` or a list ' +
          'of such; docs/signed-http.md has all types.',
        params,
        response: {
          200: z.unknown().describe('Stored. What the network wants to hear, or the answer to its challenge.'),
        },
      },
      handler: async (request, reply) => {
        const { accountId, channelId } = request.params;
        const raw = rawRequest(request, clock());
        const recalled = request.method === 'POST' ? known.recall({ accountId, id: channelId }) : undefined;
        const stored = recalled !== undefined && (await storedAsKnown(raw, recalled));
        const connection = stored ? recalled : await known.read({ accountId, id: channelId });
        const ingress = channels.get(connection.type)?.ingress;
        if (!ingress) throw notFound('channel');
        const { status, body } = ingress.ack();
        if (stored) return reply.code(status as 200).send(body);
        const challenge = requireVerified(ingress.verify(raw, connection));
        if (challenge !== null) return reply.type('text/plain; charset=utf-8').send(challenge);
        if (request.method === 'GET') throw notFound('channel');
        requireRoom(backlog);
        const items = ingress.parse(raw, connection).filter((item) => item.kind !== 'ignored');
        requireFew(items);
        await acceptInbound(pool, { accountId, sourceId: channelId, at: raw.receivedAt, items });
        return reply.code(status as 200).send(body);
      },
    });
  };
}
