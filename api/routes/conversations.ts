/** Conversations: lists with filters and orders, one with all that belongs to it, and what happened in it. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  readConversationDetails,
  readConversationHead,
  type ConversationDetails,
} from '../../store/conversation-details.ts';
import { listEvents, type EventRow } from '../../store/conversation-events.ts';
import { type ConversationRow, findConversation, keyOf, listConversations } from '../../store/conversations.ts';
import { allowed } from '../../workflows/conversation/allowed.ts';
import { deadlines } from '../../workflows/conversation/deadlines.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import { commandNames } from '../../workflows/conversation/inputs.ts';
import type { PhaseName } from '../../workflows/conversation/state.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { invalid } from '../errors.ts';
import { flag, id, idIn, iso, isoOrNull, search, time } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { found, Problem } from '../problem.ts';
import { readerOf, requireSight } from '../readers.ts';

const states = ['bot', 'prechat', 'queued', 'assigned', 'resolved', 'blocked'] as const satisfies PhaseName[];
const state = z.enum(states);
const named = z.object({ id, name: z.string() });

const conversationFields = {
  id,
  state,
  holder: z
    .object({ kind: z.enum(['bot', 'agent', 'desk', 'engine']), id: z.string().nullable() })
    .describe('Who may speak to the customer.'),
  epoch: z.number().int().describe('Rises whenever the holder changes.'),
  channel: named.extend({ type: z.string() }),
  endChannel: z.string().nullable().describe('As the channel’s platform reports it.'),
  contact: z.object({ id, name: z.string().nullable() }),
  session: z.object({ no: z.number().int(), endsAt: time.nullable(), locked: z.boolean() }),
  handover: z
    .object({
      no: z.number().int(),
      requestId: z.string().nullable(),
      reason: z.string().nullable(),
      skill: z.string().nullable(),
    })
    .nullable()
    .describe('The open one.'),
  lastHandover: z.object({ no: z.number().int(), because: z.string() }).nullable().describe('How the last one ended.'),
  agent: named.nullable().describe('The owner, where that is an agent.'),
  group: named.nullable(),
  deskId: id.nullable(),
  botId: id.nullable(),
  priority: z.number().int(),
  waitingSince: time.nullable(),
  resolvedAt: time.nullable(),
  archived: z.boolean().describe('The contact is blocked.'),
  flagged: z.boolean().describe('Something could not be decided on; see the dead letters.'),
  tags: z.array(named),
  lastMessageAt: time.nullable(),
  lastMessage: z.object({ author: z.string(), text: z.string().nullable() }).nullable().describe('Its beginning.'),
  createdAt: time,
};

const conversation = z.object(conversationFields).meta({ id: 'Conversation' });

const detailed = z
  .object({
    ...conversationFields,
    version: z.number().int().describe('Of the last record.'),
    contact: z.object({
      id,
      name: z.string().nullable(),
      phones: z.array(z.string()),
      emails: z.array(z.string()),
      attributes: z.record(z.string(), z.unknown()),
      tags: z.array(z.string()),
      blocked: z.object({ reason: z.string().nullable(), expiresAt: time.nullable() }).nullable(),
    }),
    handover: z
      .object({
        no: z.number().int(),
        by: z.string().describe('Who asked for it.'),
        step: z.string(),
        requestedAt: time,
        agentStatus: z.enum(['online', 'offline']).nullable(),
        reason: z.string().nullable(),
        groupId: id.nullable(),
        deskId: id.nullable(),
        skill: z.string().nullable(),
        webstore: z.string().nullable(),
        channelTag: z.string().nullable(),
        history: z.record(z.string(), z.unknown()),
        data: z.record(z.string(), z.unknown()),
        intake: z.array(z.object({ name: z.string(), label: z.string().nullable(), value: z.string() })),
      })
      .nullable(),
    timers: z
      .array(z.object({ kind: z.string(), at: time, inMs: z.number().int().describe('From now; negative: due.') }))
      .describe('What happens by itself, and when: nearest first.'),
    allowed: z.array(z.enum(commandNames)).describe('The commands that this state would consider now.'),
    capabilities: z.record(z.string(), z.unknown()).nullable().describe('What the channel can carry.'),
  })
  .meta({ id: 'ConversationDetails' });

const event = z
  .object({
    no: z.number().int(),
    type: z.string(),
    at: time.describe('Of what caused it.'),
    recordedAt: time,
    event: z.looseObject({ type: z.string() }),
    cause: z.looseObject({ kind: z.string() }),
    policy: z.number().int().describe('Version of the policy in force.'),
    messageId: id.nullable(),
    digest: z.string().nullable().describe('Of the message that the event is about, keyed.'),
    link: z.string().describe('Of the hash chain.'),
    version: z.number().int().describe('Of the record that wrote it.'),
  })
  .meta({ id: 'DomainEvent' });

const listQuery = z.strictObject({
  ...pageQuery,
  state: z
    .string()
    .transform((text) => text.split(',').filter((one) => one !== ''))
    .pipe(z.array(state).max(states.length))
    .optional()
    .describe('One or several, with commas between them.'),
  open: flag.optional().describe('`true`: with an open hand-over (prechat, queued, assigned).'),
  channelId: id.optional(),
  endChannel: z.string().min(1).max(255).optional(),
  groupId: id.optional(),
  assignee: z
    .union([id, z.enum(['me', 'none'])])
    .optional()
    .describe('An agent; `me`; or `none`: nobody’s.'),
  deskId: id.optional(),
  botId: id.optional(),
  tagId: id.optional(),
  contactId: id.optional(),
  q: search.describe(
    'Words (or their beginnings) that are said, commented, noted of the contact, or the contact’s name.',
  ),
  archived: flag.default(false).describe('`true`: those of blocked contacts, and no others.'),
  flagged: flag.optional(),
  order: z
    .enum(['last-message', 'oldest', 'priority'])
    .default('last-message')
    .describe('`oldest` and `priority` are orders of the queue: they list what is `queued`.'),
});

const cursorKey = z.tuple([z.iso.datetime().nullable(), z.number().int(), id]);

export function conversationRoutes({ channels, clock }: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/conversations',
      {
        config: { scope: 'conversations:read' },
        schema: {
          tags: ['Conversations'],
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
          return listConversations(tx, principal.accountId, reader, sought, { order, limit, after });
        });
        const keyOfRow = (row: ConversationRow): unknown[] => Object.values(keyOf(row, order));
        return toPage(rows, limit, keyOfRow, showConversation);
      },
    );

    app.get(
      '/conversations/:conversationId',
      {
        config: { scope: 'conversations:read' },
        schema: {
          tags: ['Conversations'],
          summary: 'One conversation: who holds it, what was answered before, what happens when',
          params: idIn('conversationId'),
          response: { 200: detailed },
        },
      },
      async (request) => {
        const actor = { accountId: request.principal.accountId, conversationId: request.params.conversationId };
        const [row, details] = await request.inAccount(async (tx) => {
          requireSight(await readerOf(tx, request.principal), found(await readConversationHead(tx, actor)).belongs);
          return [found(await findConversation(tx, actor)), found(await readConversationDetails(tx, actor))] as const;
        });
        const capabilities = channels.get(row.channel.type)?.capabilities(details.channelSettings) ?? null;
        return showDetails(row, details, capabilities && { ...capabilities }, clock());
      },
    );

    app.get(
      '/conversations/:conversationId/events',
      {
        config: { scope: 'conversations:read' },
        schema: {
          tags: ['Conversations'],
          summary: 'What happened, in order',
          params: idIn('conversationId'),
          querystring: z.strictObject(pageQuery),
          response: { 200: pageOf(event) },
        },
      },
      async (request) => {
        const actor = { accountId: request.principal.accountId, conversationId: request.params.conversationId };
        const { limit, cursor } = request.query;
        const after = readCursor(cursor, z.tuple([z.number().int().min(0)]))?.[0] ?? 0;
        const rows = await request.inAccount(async (tx) => {
          requireSight(await readerOf(tx, request.principal), found(await readConversationHead(tx, actor)).belongs);
          return listEvents(tx, actor, { after, limit });
        });
        return toPage(rows, limit, ({ no }) => [no], showEvent);
      },
    );
  };
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

function showConversation(row: ConversationRow): z.output<typeof conversation> {
  const { phase, holder, session, waitingSince, resolvedAt, lastMessageAt, createdAt, ...rest } = row;
  return {
    ...rest,
    state: phase,
    holder: holder as z.output<typeof conversation>['holder'],
    session: { ...session, endsAt: isoOrNull(session.endsAt) },
    waitingSince: isoOrNull(waitingSince),
    resolvedAt: isoOrNull(resolvedAt),
    lastMessageAt: isoOrNull(lastMessageAt),
    createdAt: iso(createdAt),
  };
}

/** `now`: epoch ms */
function showDetails(
  row: ConversationRow,
  { contact, request, intake, state: recorded, version }: ConversationDetails,
  capabilities: Record<string, unknown> | null,
  now: number,
): z.output<typeof detailed> {
  const current = recorded ?? initialState;
  const timers = deadlines(current)
    .toSorted((one, other) => one.at - other.at)
    .map(({ kind, at }) => ({ kind, at: iso(new Date(at)), inMs: at - now }));
  return {
    ...showConversation(row),
    version,
    contact: {
      ...contact,
      blocked: contact.blocked && {
        reason: contact.blocked.reason,
        expiresAt: contact.blocked.expiresAt === null ? null : iso(new Date(contact.blocked.expiresAt)),
      },
    },
    handover: showHandover(current, request, intake),
    timers,
    allowed: allowed(current),
    capabilities,
  };
}

function showHandover(
  { handover }: typeof initialState,
  request: ConversationDetails['request'],
  intake: ConversationDetails['intake'],
): z.output<typeof detailed>['handover'] {
  if (handover === null) return null;
  const { no, by, step, requestedAt, agentStatus } = handover;
  const nothing = {
    reason: null,
    groupId: null,
    deskId: null,
    skill: null,
    webstore: null,
    channelTag: null,
    history: {},
    data: {},
  };
  const words = request === null ? nothing : { ...request, history: { ...request.history } };
  return { no, by, step, requestedAt: iso(new Date(requestedAt)), agentStatus, ...words, intake };
}

function showEvent({ at, recordedAt, event: happened, cause, ...row }: EventRow): z.output<typeof event> {
  return { ...row, at: iso(at), recordedAt: iso(recordedAt), event: { ...happened }, cause: { ...cause } };
}
