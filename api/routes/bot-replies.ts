/**
 * A bot's later answer to a turn that it had deferred. The first answer of a turn's tries counts, by whichever way it
 * comes; answer and news of it for the conversation are stored together. Sent again, it is answered the same.
 */
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { validate as isUuid } from 'uuid';
import { z } from 'zod';
import { verifyReplyToken } from '../../adapters/reply-token.ts';
import { inAccount } from '../../store/connection.ts';
import { findBotOfTurn } from '../../store/endpoints.ts';
import { putInInbox } from '../../store/inbox.ts';
import { storeBotAnswer, turnId } from '../../store/turns.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { found, notFound, Problem } from '../problem.ts';
import { documentedCalls, requireRoom } from '../webhook-request.ts';

const params = z.object({
  accountId: z.string().describe('Id of the account.'),
  conversationId: z.string().describe('Id of the conversation.'),
  turn: z.string().describe('Number of the turn in the conversation.'),
});
const taken = z.object({ turnId: z.string(), accepted: z.literal(true) });

export function botReplyRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  const { body } = documentedCalls(deps.bots.values());
  return async (app) => {
    app.post(
      '/bot-replies/:accountId/:conversationId/:turn',
      {
        config: { scope: 'turn', problems: ['backlog-full'], documented: { body } },
        schema: {
          tags: ['Webhooks'],
          summary: 'A bot’s answer to a turn, later',
          description:
            'Where `reply.url` of a turn leads, with `reply.token` as bearer. The body is what the bot would have ' +
            'answered at once. Of a turn that is over nothing is said to the customer.',
          params,
          body: z.unknown(),
          response: { 200: taken },
        },
        // Behind the limit of the address, and before anything of the body is read.
        preParsing: async (request) => requireTokenOf(turnAt(request.params), deps, request),
      },
      async (request) => {
        const turn = turnAt(request.params);
        requireRoom(deps.backlog);
        await acceptAnswer(deps, turn, request.body);
        return { turnId: turn.id, accepted: true as const };
      },
    );
  };
}

interface Turn {
  id: string;
  actor: ActorId;
  /** In its conversation, from 1. */
  number: number;
}

function turnAt({ accountId, conversationId, turn }: z.output<typeof params>): Turn {
  if (!isUuid(accountId) || !isUuid(conversationId) || !/^[1-9]\d{0,8}$/.test(turn)) {
    throw notFound('turn of a conversation');
  }
  const number = Number(turn);
  return { id: turnId(conversationId, number), actor: { accountId, conversationId }, number };
}

function requireTokenOf({ id, actor }: Turn, { config }: ApiDependencies, { headers }: FastifyRequest): void {
  const [, token = ''] = /^Bearer ([\w-]{1,255})$/i.exec(headers.authorization ?? '') ?? [];
  const keys = [config.tokenKey, ...config.earlierTokenKeys];
  if (!keys.some((key) => verifyReplyToken(key, actor.accountId, id, token))) {
    throw new Problem('unauthenticated', { detail: 'Send Authorization: Bearer, with the token of this turn.' });
  }
}

async function acceptAnswer(
  { pool, bots, clock }: ApiDependencies,
  { actor, number: turn }: Turn,
  body: unknown,
): Promise<void> {
  const at = clock();
  await inAccount(pool, actor.accountId, async (tx) => {
    const bot = found(await findBotOfTurn(tx, actor, turn), 'turn of a conversation');
    const parsed = found(bots.get(bot.type), 'bot of this type').parse(body);
    if (!parsed.ok) {
      const issues = parsed.issues.map((message) => ({ path: ['body'], message }));
      throw new Problem('invalid-request', { issues });
    }
    const { words } = parsed;
    const { first, answer } = await storeBotAnswer(tx, actor, { turn, botId: bot.id, words, at });
    if (first) await putInInbox(tx, actor, { type: 'BotAnswered', turn, answer }, { at });
  });
}
