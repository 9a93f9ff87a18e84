/**
 * What did not get through, and how it gets another try. Words are never resent as they were: somebody else may hold the
 * chat by now, or nobody. A retry is a new message of the agent who holds it; an input is decided on anew.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as store from '../../store/dead-letters.ts';
import { draftId, insertReplyDraft } from '../../store/drafts.ts';
import { command } from '../commands.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, idIn, idOf, iso, nothing, time } from '../fields.ts';
import { commonKey } from '../idempotency.ts';
import { keyText, keyTime, pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { resumeParked } from '../parked.ts';
import { found, Problem } from '../problem.ts';
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

export function deadLetterRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/dead-letters',
      {
        config: { scope: 'dead-letters:read' },
        schema: {
          tags: ['Dead letters'],
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
        const rows = await request.inAccount((tx) => store.listDeadLetters(tx, request.principal.accountId, sought));
        return toPage(
          rows,
          limit,
          (row) => [iso(row.at), row.id],
          (row) => ({ ...row, at: iso(row.at) }) as z.output<typeof letter>,
        );
      },
    );

    app.post(
      '/dead-letters/:conversationId/:seq/retry',
      {
        config: { scope: 'dead-letters:write', problems: commandProblems },
        schema: {
          tags: ['Dead letters'],
          summary: 'Send words again that did not arrive',
          description:
            'As a new message of the agent who holds the chat now. Where no agent holds it: 409 `not-the-owner`. ' +
            'Once: a second retry of the same letter gets the first one’s answer, later 409 `conflict`.',
          params: z.strictObject({
            conversationId: idOf('conversation'),
            seq: z.coerce.number().int().min(1).max(2_147_483_647).describe('`outbound.seq` of the dead letter.'),
          }),
          response: { 200: outcomeSchema },
        },
      },
      async (request) => {
        const { conversationId, seq } = request.params;
        const actor = { accountId: request.principal.accountId, conversationId };
        const dead = found(await request.inAccount((tx) => store.findDeadOutbound(tx, actor, seq)), 'dead letter');
        const retry = { action: 'retry', conversationId, seq, epoch: dead.epoch };
        // One per letter and holder, whoever asks and however often.
        const keyed = commonKey(deps.config, actor.accountId, `retry ${conversationId} ${seq} ${dead.epoch}`, retry);
        const accepted = await command(deps, request, {
          name: 'Reply',
          conversationId,
          keyed,
          async prepare(tx, { at }) {
            const { agentId, content } = requireRetryable(dead);
            const messageId = draftId(actor.accountId, keyed, 'retry');
            await insertReplyDraft(tx, actor, { id: messageId, agentId, content, at });
            return { agentId, messageId };
          },
        });
        const [retriedAs] = accepted.outbound;
        if (retriedAs !== undefined) {
          await request.inAccount((tx) => store.noteRetried(tx, actor, seq, retriedAs));
        }
        return showOutcome(keyed.name, accepted);
      },
    );

    app.post(
      '/parked/:parkedId/resume',
      {
        config: { scope: 'dead-letters:write', problems: ['conflict'] },
        schema: {
          tags: ['Dead letters'],
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
  };
}

function requireRetryable({ toKind, status, retriedAs, content, holderKind, holderId, phase }: store.DeadOutbound): {
  agentId: string;
  content: object;
} {
  if (status !== 'failed' && status !== 'unknown') throw no('This message is not a dead letter.');
  if (retriedAs !== null) throw no('This message has been sent again already.', { retriedAs });
  if (toKind === 'desk') throw no('This was a line for an outside desk, which has its own list of what it got.');
  if (content === null) throw no('The words have been erased.');
  if (phase !== 'assigned' || holderKind !== 'agent' || holderId === null) {
    const holder = { kind: holderKind, id: holderId };
    throw new Problem('not-the-owner', { detail: 'No agent holds the conversation, so nobody may send this.', holder });
  }
  return { agentId: holderId, content };
}

function no(detail: string, members: object = {}): Problem {
  return new Problem('conflict', { detail, ...members });
}
