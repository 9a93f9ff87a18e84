/** Conversations: lists with filters and orders, one with all that belongs to it, and what happened in it. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { readConversationDetails } from '../../store/conversation-details.ts';
import * as store from '../../store/conversations.ts';
import * as eventPages from '../../store/event-pages.ts';
import type { PhaseName } from '../../workflows/conversation/state.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { invalid } from '../errors.ts';
import { flag, id, idIn, idOf, search } from '../fields.ts';
import { keyTime, pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { askedBy } from '../principal.ts';
import { found, Problem } from '../problem.ts';
import { readerOf, seenConversation } from '../readers.ts';
import type { App } from '../typed-app.ts';
import {
  conversation,
  detailed,
  event,
  showConversation,
  showDetails,
  showEvent,
  state,
  states,
} from './conversation-schema.ts';

const listQuery = z.strictObject({
  ...pageQuery,
  state: z
    .string()
    .transform((text) => text.split(',').filter((one) => one !== ''))
    .pipe(z.array(state).max(states.length))
    .optional()
    .describe('One or several, with commas between them.'),
  open: flag.optional().describe('`true`: with an open hand-over (prechat, queued, assigned); `false`: the others.'),
  channelId: idOf('channel that they are on').optional(),
  endChannel: z.string().min(1).max(255).optional().describe('As the channel’s platform reports it, exactly.'),
  groupId: idOf('group that they wait for or are held in').optional(),
  assignee: z
    .union([id, z.enum(['me', 'none'])])
    .optional()
    .describe('An agent; `me`; or `none`: nobody’s.'),
  deskId: idOf('desk that they wait for, or that holds them').optional(),
  botId: idOf('bot that they belong to').optional(),
  tagId: idOf('tag that they have').optional(),
  contactId: idOf('contact whose they are').optional(),
  q: search.describe(
    'Words (or their beginnings) that are said, commented, noted of the contact, or the contact’s name.',
  ),
  archived: flag.default(false).describe('`true`: those of blocked contacts, and no others.'),
  flagged: flag.optional().describe('`true`: those in which something could not be decided on; `false`: the others.'),
  order: z
    .enum(['last-message', 'oldest', 'priority'])
    .default('last-message')
    .describe(
      '`last-message`: newest first. `oldest` (first come) and `priority` (highest, then oldest) are orders of the queue: they list what is `queued`. The same in every page.',
    ),
});

const cursorKey = z.tuple([keyTime.nullable(), z.int32(), id]);

const tags = ['Conversations'];
const params = idIn('conversationId');

export function conversationRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    listConversations(app);
    readConversation(app, deps);
    listEvents(app);
  };
}

function listConversations(app: App): void {
  app.get(
    '/conversations',
    {
      config: { scope: 'conversations:read' },
      schema: {
        tags,
        summary: 'Conversations of all channels',
        description:
          'Agents get the chats of their groups and bots, and their own; where chats are assigned automatically they ' +
          'get no queue.',
        querystring: listQuery,
        response: { 200: pageOf(conversation) },
      },
    },
    async (request) => {
      const { principal } = request;
      const { limit, cursor, order, assignee, q: text, state: wanted, open, ...filter } = request.query;
      const phases = statesOf(wanted, open, order);
      const agentId = assignee === 'me' ? ownId(principal) : assignee === 'none' ? null : assignee;
      const key = readCursor(cursor, cursorKey);
      const after = key && { at: key[0], priority: key[1], id: key[2] };
      const rows = await request.inAccount(async (tx) => {
        const reader = await readerOf(tx, principal);
        const sought = { ...filter, phases, agentId, text };
        return store.listConversations(tx, principal.accountId, reader, sought, { order, limit, after });
      });
      const keyOfRow = (row: store.ConversationRow): unknown[] => Object.values(store.keyOf(row, order));
      return toPage(rows, limit, keyOfRow, showConversation);
    },
  );
}

/** null: in whatever state. */
function statesOf(
  wanted: readonly PhaseName[] | undefined,
  open: boolean | undefined,
  order: z.output<typeof listQuery>['order'],
): readonly PhaseName[] | null {
  const given = wanted ?? (order === 'last-message' ? null : (['queued'] as const));
  if (order !== 'last-message' && given?.some((one) => one !== 'queued')) {
    throw invalid('query', [{ path: ['order'], message: 'This is an order of the queue: state=queued.' }]);
  }
  return open === undefined ? given : (given ?? states).filter((one) => openStates.has(one) === open);
}

const openStates: ReadonlySet<PhaseName> = new Set(['prechat', 'queued', 'assigned']);

function ownId({ kind, id: own }: { kind: 'key' | 'agent'; id: string }): string {
  if (kind === 'agent') return own;
  throw new Problem('invalid-request', { issues: [{ path: ['query', 'assignee'], message: 'A key is no agent.' }] });
}

function readConversation(app: App, { channels, clock }: ApiDependencies): void {
  app.get(
    '/conversations/:conversationId',
    {
      config: { scope: 'conversations:read', problems: ['forbidden'] },
      schema: {
        tags,
        summary: 'One conversation: who holds it, what was answered before, what happens when',
        description:
          'As of the last record. `timers` count from now, in milliseconds; `allowed` are the commands that it ' +
          'would consider now from this caller. 403 `forbidden` to an agent who serves neither its group nor its bot.',
        params,
        response: { 200: detailed },
      },
    },
    async (request) => {
      const [row, details] = await request.inAccount(async (tx) => {
        const { actor } = await seenConversation(tx, request.principal, request.params.conversationId);
        return [
          found(await store.findConversation(tx, actor), 'conversation'),
          found(await readConversationDetails(tx, actor), 'conversation'),
        ] as const;
      });
      const capabilities = channels.get(row.channel.type)?.capabilities(details.channelSettings) ?? null;
      return showDetails(row, details, capabilities && { ...capabilities }, {
        by: askedBy(request.principal),
        now: clock(),
      });
    },
  );
}

function listEvents(app: App): void {
  app.get(
    '/conversations/:conversationId/events',
    {
      config: { scope: 'conversations:read', problems: ['forbidden'] },
      schema: {
        tags,
        summary: 'What happened, in order',
        description:
          'Domain events, oldest first, by their `no`. They hold ids, codes and times, no words: those are at ' +
          '…/messages. `link` is the event’s place in the hash chain. GET /v1/feed tells the same as it happens.',
        params,
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(event) },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const after = readCursor(cursor, z.tuple([z.number().int().min(0)]))?.[0] ?? 0;
      const rows = await request.inAccount(async (tx) => {
        const { actor } = await seenConversation(tx, request.principal, request.params.conversationId);
        return eventPages.listEvents(tx, actor, { after, limit });
      });
      return toPage(rows, limit, ({ no }) => [no], showEvent);
    },
  );
}
