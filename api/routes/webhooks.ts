/**
 * What channels bring in, one route for all of them: verified over its raw bytes, read, stored whole in one transaction,
 * and only then acknowledged. Nothing here waits for a conversation to take it.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RawRequest } from '../../adapters/contract/call.ts';
import { acceptInbound, acceptInboundIf, type Inbound } from '../../store/inbound.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { gatherWebhooks } from '../gathered-webhooks.ts';
import { type Channel, type ChannelId, createKnownChannels } from '../known-channels.ts';
import { notFound, Problem } from '../problem.ts';
import { documentedCalls, judgeCall, rawRequest, readRawBodies } from '../webhook-request.ts';

const params = z.object({
  accountId: z.string().describe('Id of the account.'),
  channelId: z.string().describe('Id of the channel.'),
});

export function webhookRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  const documented = documentedCalls(
    Array.from(deps.channels.values(), ({ type, ingress }) => ({ type, body: ingress?.body })),
  );
  const take = createIntake(deps);
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
        const { accountId, channelId: id } = request.params;
        const answer = await take(rawRequest(request, deps.clock()), { accountId, id });
        if ('challenge' in answer) return reply.type('text/plain; charset=utf-8').send(answer.challenge);
        return reply.code(answer.status as 200).send(answer.body);
      },
    });
  };
}

type Answer = { challenge: string } | { status: number; body: unknown };

/** Of a call by its channel, remembered or just read. */
interface Judgement {
  inbound: Inbound;
  answer: Answer;
}

/** Stores what a call brings and says what is answered. Throws the problem that it is answered with. */
function createIntake({
  pool,
  channels,
  backlog,
}: ApiDependencies): (raw: RawRequest, id: ChannelId) => Promise<Answer> {
  const known = createKnownChannels(pool);
  const storeIf = gatherWebhooks((inbound, version) => acceptInboundIf(pool, inbound, version));

  const judge = (channel: Channel, raw: RawRequest): Judgement => {
    const ingress = channels.get(channel.type)?.ingress;
    if (!ingress) throw notFound('channel');
    const { challenge, items } = judgeCall(ingress, raw, channel, { kind: 'channel', backlog });
    const { accountId, id: sourceId } = channel;
    const answer = challenge === null ? ingress.ack() : { challenge };
    return { inbound: { accountId, sourceId, at: raw.receivedAt, items }, answer };
  };

  /** null: nothing is stored and nothing refused; the channel has to be read as it is now. */
  const takeByMemory = async (raw: RawRequest, id: ChannelId): Promise<Answer | null> => {
    const channel = known.recall(id);
    const judged = channel && unlessRefused(() => judge(channel, raw));
    if (!judged || judged.inbound.items.length === 0) return null;
    return (await storeIf(judged.inbound, channel.version)) ? judged.answer : null;
  };

  return async (raw, id) => {
    const answer = await takeByMemory(raw, id);
    if (answer !== null) return answer;
    const judged = judge(await known.read(id), raw);
    await acceptInbound(pool, judged.inbound);
    return judged.answer;
  };
}

/** undefined: a "no", which is not said yet. */
function unlessRefused<T>(judged: () => T): T | undefined {
  try {
    return judged();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
