/** What became of a command for which nobody waited, or whose answer got lost. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { findFirstOutcome } from '../../store/idempotency.ts';
import type { Outcome } from '../../workflows/conversation/messages.ts';
import { acceptedOutcome } from '../commands.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id } from '../fields.ts';
import { storedKeys } from '../idempotency.ts';
import { found, rejectionCodes } from '../problem.ts';
import { outcomeSchema, showOutcome } from './outcome-schema.ts';
import type { CommentOutcome } from './comments.ts';

const commentKept = z.object({ ok: z.literal(true), key: z.string(), commentId: id });

export function outcomeRoutes({ config }: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/outcomes/:key',
      {
        config: { scope: 'conversations:read', problems: [...rejectionCodes, 'conflict'] },
        schema: {
          tags: ['Actions'],
          summary: 'The outcome that is stored under a key',
          description:
            'What the request with this key was, or would have been, answered with: the outcome, or the 409. A 404 says ' +
            'that there is none (yet): ask again, or send the request again with the same key. Kept for 24 hours.',
          params: z.strictObject({
            key: z.string().min(1).max(255).describe('The `Idempotency-Key`, or the `key` that was answered.'),
          }),
          response: { 200: z.union([outcomeSchema, commentKept]) },
        },
      },
      async (request) => {
        const { key } = request.params;
        const { accountId } = request.principal;
        const stored = storedKeys(config, accountId, key);
        const kept = found(await request.inAccount((tx) => findFirstOutcome(tx, accountId, stored)), 'idempotency key');
        const outcome = kept.outcome as Outcome | CommentOutcome;
        return 'commentId' in outcome ? { key, ...outcome } : showOutcome(key, acceptedOutcome(outcome));
      },
    );
  };
}
