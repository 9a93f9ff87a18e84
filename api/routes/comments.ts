/** Comments on a conversation: for colleagues, or for oneself. No customer ever gets one, and no actor hears of them. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { findComment, insertComment } from '../../store/comments.ts';
import { draftId } from '../../store/drafts.ts';
import { keepOutcome } from '../../store/idempotency.ts';
import { listTranscript, type TranscriptRow } from '../../store/transcript.ts';
import { actingAs } from '../acting.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { invalid } from '../errors.ts';
import { id, idIn, iso, time, words } from '../fields.ts';
import { idempotencyHeaders, keptFor, keyOf, outcomeIn } from '../idempotency.ts';
import { pageOf, pageQuery, readCursor, toPage, transcriptKey } from '../paging.ts';
import type { Principal } from '../principal.ts';
import { found, Problem } from '../problem.ts';
import { seenConversation } from '../readers.ts';
import { requireAgent } from '../targets.ts';
import type { App } from '../typed-app.ts';

/** What is kept under the key of a comment. */
export interface CommentOutcome {
  ok: true;
  commentId: string;
}

const wanted = z
  .strictObject({
    text: words(10_000),
    visibility: z.enum(['personal', 'agents']).default('agents').describe('`personal`: seen by its author alone.'),
    agentId: id.optional().describe('With an API key: the agent who comments; without one, nobody in particular.'),
  })
  .meta({ examples: [{ text: 'Called before about the same order.' }] });

const comment = z
  .object({
    id,
    agentId: id.nullable().describe('null: a backend wrote it, for nobody in particular.'),
    visibility: z.enum(['personal', 'agents']),
    text: z.string().nullable().describe('null: erased.'),
    at: time,
  })
  .meta({ id: 'Comment' });

export function commentRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    serveList(app);
    serveAction(app, deps);
  };
}

function serveList(app: App): void {
  app.get(
    '/conversations/:conversationId/comments',
    {
      config: { scope: 'conversations:read', problems: ['forbidden'] },
      schema: {
        tags: ['Conversations'],
        summary: 'Comments on a conversation, oldest first',
        description:
          'For colleagues: no customer ever gets one. Personal ones are shown to their author alone. With the messages between them: ' +
          '…/messages. To write one: POST …/actions/comment.',
        params: idIn('conversationId'),
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(comment) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const key = readCursor(cursor, transcriptKey);
      const after = key === null ? null : { position: key[0], note: key[1] };
      const rows = await request.inAccount(async (tx) => {
        const { actor, reader } = await seenConversation(tx, request.principal, request.params.conversationId);
        const asked = { show: 'comments', readerId: reader.agentId, newestFirst: false, limit, after } as const;
        return listTranscript(tx, actor, asked);
      });
      return toPage(rows, limit, ({ position, note }) => [position, note], showLine);
    },
  );
}

function serveAction(app: App, { clock, config }: ApiDependencies): void {
  app.post(
    '/conversations/:conversationId/actions/comment',
    {
      config: {
        scope: 'conversations:write',
        problems: ['forbidden', 'unknown-reference', 'conflict', 'contact-erased', 'idempotency-key-reused'],
      },
      schema: {
        tags: ['Actions'],
        summary: 'Comment on a conversation',
        description:
          'For colleagues, or for oneself: no customer ever gets one, and no actor hears of it, so that it is possible in every ' +
          'state, and done when it is answered; but of a contact who was erased it is 409 `contact-erased`. At most 10000 characters. With an `Idempotency-Key` a repetition writes nothing ' +
          'and gets the first one’s answer. The comments that there are: GET …/comments.',
        params: idIn('conversationId'),
        headers: z.looseObject(idempotencyHeaders),
        body: wanted,
        response: { 201: comment },
      },
    },
    async (request, reply) => {
      const { accountId } = request.principal;
      const { conversationId } = request.params;
      const { text, visibility } = request.body;
      const agentId = authorOf(request.principal, request.body);
      const keyed = keyOf(config, request, { action: 'comment', conversationId, body: request.body });
      const at = new Date(clock());
      const row = await request.inAccount(async (tx) => {
        const kept = (await keptFor(tx, accountId, keyed)) as CommentOutcome | null;
        if (kept !== null) return found(await findComment(tx, accountId, kept.commentId), 'comment');
        const { actor } = await seenConversation(tx, request.principal, conversationId);
        if (agentId !== null) await requireAgent(tx, accountId, agentId);
        const commentId = draftId(accountId, keyed, 'comment');
        const outcome: CommentOutcome = { ok: true, commentId };
        // First, so that whoever comes second waits here, and then finds the comment.
        outcomeIn(await keepOutcome(tx, accountId, { key: keyed.key, digest: keyed.digest, outcome, at }), keyed);
        await insertComment(tx, actor, { id: commentId, agentId, visibility, text, createdAt: at });
        const stored = await findComment(tx, accountId, commentId);
        if (stored === null) throw new Problem('contact-erased');
        return stored;
      });
      return reply.code(201).send({ ...row, at: iso(row.createdAt) });
    },
  );
}

function showLine({ id: own, author, content, visibility, at }: TranscriptRow): z.output<typeof comment> {
  const { text = null } = (content ?? {}) as { text?: string };
  return { id: own, agentId: author.id, visibility: visibility ?? 'agents', text, at: iso(at) };
}

function authorOf(principal: Principal, { agentId, visibility }: z.output<typeof wanted>): string | null {
  if (principal.kind === 'key' && agentId === undefined) {
    if (visibility === 'agents') return null;
    throw invalid('body', [{ path: ['agentId'], message: 'A personal comment needs its author.' }]);
  }
  return actingAs(principal, agentId);
}
