/**
 * What people and backends do with a conversation. The words of an action are stored first; the command that follows
 * carries ids. What the conversation says no to is a 409 with the reason, with what is allowed now, and with the owner
 * where that is why.
 */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Content } from '../../adapters/contract.ts';
import { nestedAtMost } from '../../adapters/json.ts';
import { render } from '../../adapters/render.ts';
import {
  existingDesk,
  existingTags,
  insertBlock,
  insertHandoverRequest,
  insertReplyDraft,
} from '../../store/drafts.ts';
import { existingGroups } from '../../store/groups.ts';
import type { Transaction } from '../../store/connection.ts';
import { readState } from '../../store/conversation-details.ts';
import { allowed } from '../../workflows/conversation/allowed.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import type { CommandName } from '../../workflows/conversation/inputs.ts';
import type { Outcome } from '../../workflows/conversation/messages.ts';
import type { Rejection, RejectionCode } from '../../workflows/conversation/rejections.ts';
import { type Asked, command, type CommandWords } from '../commands.ts';
import { allowAbsentBodies } from '../absent-bodies.ts';
import { contentFields, saysSomething } from '../content.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { invalid } from '../errors.ts';
import { id, idIn, time, words } from '../fields.ts';
import { draftId, idempotencyHeaders, keyOf } from '../idempotency.ts';
import { type Principal, requireScope } from '../principal.ts';
import { Problem } from '../problem.ts';
import { requireKnown } from '../saving.ts';
import type { Scope } from '../scopes.ts';

interface Action<B extends z.ZodType, N extends CommandName> {
  path: string;
  command: N;
  scope: Scope;
  summary: string;
  description?: string;
  body: B;
  prepare(
    tx: Transaction,
    asked: Asked & { body: z.output<B>; principal: Principal; deps: ApiDependencies },
  ): Promise<CommandWords<N> | { rejection: Rejection }>;
}

export const outcomeSchema = z
  .object({
    ok: z.literal(true),
    key: z.string().describe('The same request with this key gets this answer again.'),
    version: z.number().int().describe('Of the record that made it true.'),
    state: z.enum(['bot', 'prechat', 'queued', 'assigned', 'resolved', 'blocked']),
    holder: z.object({ kind: z.string(), id: z.string().nullable() }).describe('Who may speak to the customer now.'),
    epoch: z.number().int(),
    handover: z.number().int().nullable(),
    outbound: z.array(z.number().int()).describe('Numbers of the messages that it sends.'),
    events: z.array(z.string()).describe('What it led to; empty: accepted, and nothing happens.'),
  })
  .meta({ id: 'Outcome' });

export function showOutcome(key: string, outcome: Extract<Outcome, { ok: true }>): z.output<typeof outcomeSchema> {
  const { ok, version, phase, holder, epoch, handover, outbound, events } = outcome;
  return { ok, key, version, state: phase, holder, epoch, handover, outbound, events };
}

const actionHeaders = z.looseObject({
  ...idempotencyHeaders,
  prefer: z
    .string()
    .max(255)
    .optional()
    .describe('`respond-async`: 202 at once; the outcome is at `Location` once there is one.'),
});

const handedOver = z.object({ key: z.string(), outcome: z.string().describe('Where the outcome will be.') });

const noBody = z.strictObject({}).default({});
const actingAgent = id.optional().describe('With an API key: the agent for whom. An agent acts as themselves.');
const forAgent = z.strictObject({ agentId: actingAgent }).default({});

export function actionRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    allowAbsentBodies(app);
    const serve = <B extends z.ZodType, N extends CommandName>(action: Action<B, N>): void => {
      app.post(
        `/conversations/:conversationId/actions/${action.path}`,
        {
          config: { scope: action.scope },
          schema: {
            tags: ['Actions'],
            summary: action.summary,
            ...(action.description === undefined ? {} : { description: action.description }),
            params: idIn('conversationId'),
            headers: actionHeaders,
            body: action.body,
            response: { 200: outcomeSchema, 202: handedOver },
          },
        },
        async (request, reply) => {
          const { conversationId } = request.params;
          const body = request.body as z.output<B>;
          const keyed = keyOf(request, { action: action.path, conversationId, body });
          const waits = !prefersAsync(request);
          const { principal } = request;
          const prepare = (tx: Transaction, asked: Asked) => action.prepare(tx, { ...asked, body, principal, deps });
          const outcome = await command(deps, request, { name: action.command, conversationId, keyed, prepare }, waits);
          if (outcome !== null) return showOutcome(keyed.key, outcome);
          const place = `/v1/outcomes/${encodeURIComponent(keyed.key)}`;
          return reply
            .code(202)
            .header('location', place)
            .header('preference-applied', 'respond-async')
            .send({ key: keyed.key, outcome: place });
        },
      );
    };

    serve({
      path: 'request-handover',
      command: 'RequestHandover',
      scope: 'conversations:write',
      summary: 'Ask for a person',
      description: 'As a bot does. While a hand-over is open it is accepted and nothing happens.',
      body: handoverWords,
      async prepare(tx, { actor, keyed, at, body }) {
        const { groupId = null, deskId = null, priority } = body;
        await requireTarget(tx, actor.accountId, { groupId, deskId });
        const requestId = `api:${draftId(actor.accountId, keyed, 'request')}`;
        const { reason = null, skill = null, webstore = null, channelTag = null, history, data } = body;
        const facts = { reason, groupId, deskId, skill, webstore, channelTag, priority, history, data };
        await insertHandoverRequest(tx, actor, { id: requestId, ...facts, at });
        return { request: { requestId, priority } };
      },
    });

    serve({
      path: 'join',
      command: 'Join',
      scope: 'conversations:write',
      summary: 'Take a chat from the queue',
      description: 'The first wins; the others get 409 `taken` with the owner.',
      body: forAgent,
      async prepare(tx, { actor, head, body, principal }) {
        const agentId = actingAs(principal, body.agentId);
        const { settled, ownerId } = head;
        if (settled && ownerId !== null && ownerId !== agentId) {
          return no(tx, actor, 'taken', 'somebody else has the conversation', ownerId);
        }
        return { agentId };
      },
    });

    serve({
      path: 'assign',
      command: 'Assign',
      scope: 'conversations:write',
      summary: 'Give a chat to an agent',
      description:
        'To oneself, or with the scope `conversations:supervise` to anybody. `override`, for supervisors: one chat ' +
        'above the agent’s limit.',
      body: z
        .strictObject({ agentId: id.optional(), override: z.boolean().default(false) })
        .default({ override: false }),
      async prepare(_tx, { body, principal }) {
        const agentId = body.agentId ?? actingAs(principal, undefined);
        if (principal.kind === 'key' || agentId !== principal.id) requireScope(principal, 'conversations:supervise');
        if (body.override) requireSupervisor(principal);
        return { agentId, override: body.override };
      },
    });

    serve({
      path: 'unassign',
      command: 'Unassign',
      scope: 'conversations:write',
      summary: 'Give a chat back to its queue',
      body: noBody,
      prepare: async () => ({}),
    });

    serve({
      path: 'forward',
      command: 'Forward',
      scope: 'conversations:write',
      summary: 'Pass a chat on to an agent, a group or a desk',
      body: z.union([z.strictObject({ agentId: id }), z.strictObject({ groupId: id }), z.strictObject({ deskId: id })]),
      async prepare(tx, { actor, body }): Promise<CommandWords<'Forward'>> {
        if ('agentId' in body) return { to: { kind: 'agent', agentId: body.agentId } };
        if ('groupId' in body) return { to: { kind: 'group', groupId: body.groupId } };
        await requireTarget(tx, actor.accountId, { groupId: null, deskId: body.deskId });
        return { to: { kind: 'desk', deskId: body.deskId } };
      },
    });

    serve({
      path: 'hand-back',
      command: 'HandBack',
      scope: 'conversations:write',
      summary: 'Give the customer back to the bot',
      body: noBody,
      prepare: async () => ({}),
    });

    serve({
      path: 'reply',
      command: 'Reply',
      scope: 'conversations:write',
      summary: 'Answer the customer',
      description: 'By the owner only: anybody else gets 409 `not-the-owner`, and nothing is sent.',
      body: z.strictObject({ ...contentFields, agentId: actingAgent }).refine(saysSomething, 'Say something.'),
      async prepare(tx, { actor, keyed, head, at, body, principal, deps: { channels } }) {
        const { agentId: named, ...content } = body;
        const agentId = actingAs(principal, named);
        const capabilities = channels.get(head.channelType)?.capabilities(head.channelSettings);
        if (capabilities !== undefined && render(content as Content, capabilities).refused.length > 0) {
          return no(tx, actor, 'unsupported-content', 'the channel can not carry this, not even in another form');
        }
        const messageId = draftId(actor.accountId, keyed, 'reply');
        await insertReplyDraft(tx, actor, { id: messageId, agentId, content, at });
        return { agentId, messageId };
      },
    });

    serve({
      path: 'resolve',
      command: 'Resolve',
      scope: 'conversations:write',
      summary: 'Close a hand-over',
      description: 'Again: accepted, and nothing happens.',
      body: noBody,
      prepare: async () => ({}),
    });

    serve({
      path: 'reopen',
      command: 'Reopen',
      scope: 'conversations:write',
      summary: 'Take a resolved chat up again, within its session',
      body: forAgent,
      prepare: async (_tx, { body, principal }) => ({ agentId: actingAs(principal, body.agentId) }),
    });

    serve({
      path: 'block',
      command: 'Block',
      scope: 'conversations:block',
      summary: 'Block the contact, in every conversation',
      body: z.strictObject({
        reason: words(1_000).describe('For colleagues.'),
        message: words(10_000).describe('What the customer is told, once; and again when they ask for a person.'),
        expiresAt: time.optional().describe('Without it: until unblocked.'),
      }),
      async prepare(tx, { actor, keyed, at, body: { reason, message, expiresAt }, principal }) {
        const until = expiresAt === undefined ? null : new Date(expiresAt);
        if (until !== null && until <= at) throw invalid('body', [{ path: ['expiresAt'], message: 'This is past.' }]);
        const blockId = draftId(actor.accountId, keyed, 'block');
        await insertBlock(tx, actor, { id: blockId, reason, message, by: principal.id, expiresAt: until, at });
        return { blockId, expiresAt: until?.getTime() ?? null };
      },
    });

    serve({
      path: 'unblock',
      command: 'Unblock',
      scope: 'conversations:block',
      summary: 'Unblock the contact',
      body: noBody,
      prepare: async () => ({}),
    });

    serve({
      path: 'tag',
      command: 'Tag',
      scope: 'conversations:write',
      summary: 'Add tags, take tags away',
      body: z
        .strictObject({ add: z.array(id).max(100).default([]), remove: z.array(id).max(100).default([]) })
        .refine(({ add, remove }) => add.length + remove.length > 0, 'Name a tag.'),
      async prepare(tx, { actor, body: { add, remove } }) {
        requireKnown(['add'], add, await existingTags(tx, actor.accountId, add));
        return { add, remove };
      },
    });
  };
}

const count = z.number().int().min(1).max(10_000);
const handoverWords = z
  .strictObject({
    reason: words(1_000).optional(),
    groupId: id.optional().describe('Wins over what skill and webstore lead to.'),
    deskId: id.optional(),
    skill: words(255).optional().describe('Routing keyword.'),
    webstore: words(255).optional().describe('Without it the visitor’s page decides.'),
    channelTag: words(255).optional(),
    priority: z.number().int().min(-1_000).max(1_000).default(0),
    history: z
      .discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('none') }),
        z.strictObject({ kind: z.literal('last'), count }),
        z.strictObject({ kind: z.literal('all') }),
      ])
      .default({ kind: 'all' })
      .describe('How much of the conversation an outside desk is given.'),
    data: z
      .record(z.string().max(255), z.unknown())
      .default({})
      .refine((data) => nestedAtMost(data, 16) && JSON.stringify(data).length <= 32_768, 'Flat, and at most 32 kB.'),
  })
  .prefault({});

function prefersAsync({ headers }: FastifyRequest): boolean {
  return /(?:^|,)\s*respond-async\s*(?:[;,]|$)/i.test(String(headers['prefer'] ?? ''));
}

/** An agent acts as themselves; a key says for whom. */
export function actingAs(principal: Principal, named: string | undefined): string {
  if (principal.kind === 'key') {
    if (named !== undefined) return named;
    throw invalid('body', [{ path: ['agentId'], message: 'An API key says for which agent it acts.' }]);
  }
  if (named === undefined || named === principal.id) return principal.id;
  throw new Problem('forbidden', { detail: 'An agent acts as themselves. To give a chat to somebody else: assign.' });
}

function requireSupervisor({ role }: Principal): void {
  if (role !== 'supervisor' && role !== 'admin') {
    throw new Problem('forbidden', { detail: 'Only a supervisor grants a chat above the limit.' });
  }
}

/** What the conversation can't look up itself. */
async function requireTarget(
  tx: Transaction,
  accountId: string,
  { groupId, deskId }: { groupId: string | null; deskId: string | null },
): Promise<void> {
  const unknown = (field: string): Problem =>
    new Problem('unknown-reference', { issues: [{ path: ['body', field], message: 'There is none with this id.' }] });
  if (groupId !== null && (await existingGroups(tx, accountId, [groupId])).length === 0) throw unknown('groupId');
  if (deskId !== null && !(await existingDesk(tx, accountId, deskId))) throw unknown('deskId');
}

/** A "no" that is certain without asking the conversation. */
async function no(
  tx: Transaction,
  actor: Asked['actor'],
  code: RejectionCode,
  reason: string,
  ownerId?: string,
): Promise<{ rejection: Rejection }> {
  const state = (await readState(tx, actor)) ?? initialState;
  return { rejection: { code, reason, allowed: allowed(state), ...(ownerId === undefined ? {} : { ownerId }) } };
}
