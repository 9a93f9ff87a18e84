/**
 * The route of an action, the same for all: the words of an action are stored first, and the command that follows carries
 * ids. What the conversation says no to is a 409 with the reason, with what is allowed now, and with the owner where that
 * is why.
 */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { InAccount } from '../../store/connection.ts';
import type { CommandName } from '../../workflows/conversation/inputs.ts';
import type { Rejection } from '../../workflows/conversation/rejections.ts';
import { type Asked, command, type CommandWords, handOver } from '../commands.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { idIn } from '../fields.ts';
import { idempotencyHeaders, keyOf } from '../idempotency.ts';
import type { Principal } from '../principal.ts';
import { type ProblemCode, rejectionCodes } from '../problem.ts';
import type { Scope } from '../scopes.ts';
import type { App } from '../typed-app.ts';
import { outcomeSchema, showOutcome } from './outcome-schema.ts';

interface Action<B extends z.ZodType, N extends CommandName> {
  path: string;
  command: N;
  scope: Scope;
  summary: string;
  description: string;
  problems?: readonly ProblemCode[];
  body: B;
  /** Stores what the command will point to, and says what it carries; or a "no" that is certain already. */
  prepare(
    inAccount: InAccount,
    asked: Asked & { body: z.output<B>; principal: Principal; deps: ApiDependencies },
  ): Promise<CommandWords<N> | { rejection: Rejection }>;
}

export type ServedAction = (app: App, deps: ApiDependencies) => void;

const actionHeaders = z.looseObject({
  ...idempotencyHeaders,
  prefer: z
    .string()
    .max(255)
    .optional()
    .describe('`respond-async`: 202 at once; the outcome is at `Location` once there is one.'),
});

const handedOver = z.object({ key: z.string(), outcome: z.string().describe('Where the outcome will be.') });

/** `unanswered`: ask again at the outcome of its key, or send it again with the same key. */
export const commandProblems: readonly ProblemCode[] = [
  'forbidden',
  ...rejectionCodes,
  'conflict',
  'idempotency-key-reused',
  'unanswered',
];

export const noBody = z.strictObject({}).default({});

export function action<B extends z.ZodType, N extends CommandName>(definition: Action<B, N>): ServedAction {
  return (app, deps) => {
    app.post(
      `/conversations/:conversationId/actions/${definition.path}`,
      {
        config: { scope: definition.scope, problems: [...commandProblems, ...(definition.problems ?? [])] },
        schema: {
          tags: ['Actions'],
          summary: definition.summary,
          description: definition.description,
          params: idIn('conversationId'),
          headers: actionHeaders,
          body: definition.body,
          response: { 200: outcomeSchema, 202: handedOver },
        },
      },
      async (request, reply) => {
        const { conversationId } = request.params;
        const body = request.body as z.output<B>;
        const keyed = keyOf(deps.config, request, { action: definition.path, conversationId, body });
        const { principal } = request;
        const prepare = (inAccount: InAccount, asked: Asked) =>
          definition.prepare(inAccount, { ...asked, body, principal, deps });
        const ask = prefersAsync(request) ? handOver : command;
        const outcome = await ask(deps, request, { name: definition.command, conversationId, keyed, prepare });
        if (outcome !== 'handed-over') return showOutcome(keyed.name, outcome);
        const place = `/v1/outcomes/${encodeURIComponent(keyed.name)}`;
        return reply
          .code(202)
          .header('location', place)
          .header('preference-applied', 'respond-async')
          .send({ key: keyed.name, outcome: place });
      },
    );
  };
}

function prefersAsync({ headers }: FastifyRequest): boolean {
  return /(?:^|,)\s*respond-async\s*(?:[;,]|$)/i.test(String(headers['prefer'] ?? ''));
}
