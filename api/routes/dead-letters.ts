/** What did not get through, and how it gets another try: words as a new message, an input by a new decision. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as store from '../../store/dead-letters.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, idIn, idOf, iso, nothing, time } from '../fields.ts';
import { keyText, keyTime, pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { discard, resumeParked } from '../parked.ts';
import { discardOutbound, retryOutbound } from '../retrying.ts';
import type { App } from '../typed-app.ts';
import { commandProblems } from './action-route.ts';
import { outcomeSchema, showOutcome } from './outcome-schema.ts';

const kinds = ['outbound', 'parked'] as const;

const letter = z
  .object({
    id: z.string(),
    kind: z.enum(kinds),
    at: time.describe('When it was given up, or parked.'),
    conversationId: id.nullable(),
    outbound: z
      .object({
        seq: z.number().int().describe('Number in the conversation.'),
        messageId: id,
        to: z.enum(['channel', 'desk']),
        author: z.string(),
        status: z.enum(['failed', 'unknown']),
        class: z.string().nullable(),
        attempts: z.number().int(),
      })
      .nullable(),
    parked: z
      .object({ sourceId: id.nullable(), place: z.number().int().nullable(), error: z.string() })
      .nullable()
      .describe('An item of a webhook that could not be read, or an input that could not be decided on.'),
  })
  .meta({ id: 'DeadLetter' });

const ofOutbound = z.strictObject({
  conversationId: idOf('conversation'),
  seq: z.coerce.number().int().min(1).max(2_147_483_647).describe('`outbound.seq` of the dead letter.'),
});

const tags = ['Dead letters'];

export function deadLetterRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    listDeadLetters(app);
    retryDeadLetter(app, deps);
    discardDeadLetter(app, deps);
    resumeInput(app, deps);
    discardInput(app, deps);
  };
}

function listDeadLetters(app: App): void {
  app.get(
    '/dead-letters',
    {
      config: { scope: 'dead-letters:read' },
      schema: {
        tags,
        summary: 'What did not get through, newest first',
        description:
          'Messages that failed for good or whose sending nobody can tell (`outbound`), and inputs that could not ' +
          'be read or decided on (`parked`).',
        querystring: z.strictObject({
          ...pageQuery,
          kind: z.enum(kinds).optional().describe('`outbound`: messages; `parked`: inputs. Without it: both.'),
          conversationId: idOf('conversation whose dead letters alone are listed').optional(),
        }),
        response: { 200: pageOf(letter) },
      },
    },
    async (request) => {
      const { limit, cursor, kind, conversationId = null } = request.query;
      const key = readCursor(cursor, z.tuple([keyTime, keyText]));
      const after = key && { at: key[0], id: key[1] };
      const sought = { kinds: kind === undefined ? kinds : [kind], conversationId, after, limit };
      const rows = await request.inAccount((tx, accountId) => store.listDeadLetters(tx, accountId, sought));
      return toPage(
        rows,
        limit,
        (row) => [iso(row.at), row.id],
        (row) => ({ ...row, at: iso(row.at) }) as z.output<typeof letter>,
      );
    },
  );
}

function retryDeadLetter(app: App, deps: ApiDependencies): void {
  app.post(
    '/dead-letters/:conversationId/:seq/retry',
    {
      config: { scope: 'dead-letters:write', problems: commandProblems },
      schema: {
        tags,
        summary: 'Send words again that did not arrive',
        description:
          'As a new message of the agent who holds the chat now. Where no agent holds it: 409 `not-the-owner`. ' +
          'Once: a second retry of the same letter gets the first one’s answer, later 409 `conflict`.',
        params: ofOutbound,
        response: { 200: outcomeSchema },
      },
    },
    async (request) => {
      const { keyed, accepted } = await retryOutbound(deps, request, request.params);
      return showOutcome(keyed.name, accepted);
    },
  );
}

function discardDeadLetter(app: App, deps: ApiDependencies): void {
  app.post(
    '/dead-letters/:conversationId/:seq/discard',
    {
      config: { scope: 'dead-letters:write', problems: ['conflict'] },
      schema: {
        tags,
        summary: 'Give up words that did not arrive; again: nothing happens',
        description:
          'They are no dead letter any more, and can’t be sent again. In the conversation they stay as they are, and are shown as ' +
          'failed. Who did it, when and why is kept. 409 `conflict` where they were sent again, or are no dead letter.',
        params: ofOutbound,
        body: z.strictObject({
          because: z
            .enum(store.outboundDiscardReasons)
            .describe('`unreachable`: the customer can’t be reached there any more.'),
        }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await discardOutbound(deps, request, request.params, request.body.because);
      return reply.code(204).send();
    },
  );
}

function resumeInput(app: App, deps: ApiDependencies): void {
  app.post(
    '/parked/:parkedId/resume',
    {
      config: { scope: 'dead-letters:write', problems: ['conflict'] },
      schema: {
        tags,
        summary: 'Decide anew on an input that was parked; again: nothing happens',
        description:
          'The input gets a new place after everything that has come meanwhile. 409 `conflict` where it still ' +
          'can’t be read.',
        params: idIn('parkedId'),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await resumeParked(deps, request, request.params.parkedId);
      return reply.code(204).send();
    },
  );
}

function discardInput(app: App, deps: ApiDependencies): void {
  app.post(
    '/parked/:parkedId/discard',
    {
      config: { scope: 'dead-letters:write', problems: ['conflict'] },
      schema: {
        tags,
        summary: 'Give up an input that was parked; again: nothing happens',
        description:
          'It is no dead letter any more, its words are deleted, and for 30 days a repeat of it by its network has no effect. Who ' +
          'did it, when and why is kept. 409 `conflict` where it has been decided on anew.',
        params: idIn('parkedId'),
        body: z.strictObject({
          because: z
            .enum(store.discardReasons)
            .describe('`personal-data`: somebody’s, whom nothing else in it names, who is to be erased.'),
        }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await discard(deps, request, request.params.parkedId, request.body.because);
      return reply.code(204).send();
    },
  );
}
