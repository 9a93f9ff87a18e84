/** A conversation, and an event of it, as the API shows them. */
import { z } from 'zod';
import type { ConversationDetails } from '../../store/conversation-details.ts';
import type { EventRow } from '../../store/event-pages.ts';
import type { ConversationRow } from '../../store/conversations.ts';
import { allowedTo } from '../../workflows/conversation/allowed.ts';
import { deadlines } from '../../workflows/conversation/deadlines.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import { type By, commandNames } from '../../workflows/conversation/inputs.ts';
import type { PhaseName } from '../../workflows/conversation/state.ts';
import { id, iso, isoOrNull, time } from '../fields.ts';

export const states = ['bot', 'prechat', 'queued', 'assigned', 'resolved', 'blocked'] as const satisfies PhaseName[];
export const state = z.enum(states);
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
  windowClosedAt: time
    .nullable()
    .describe('Since when the channel takes nothing: the customer has been silent for too long. Messages are held.'),
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

export const conversation = z.object(conversationFields).meta({ id: 'Conversation' });

export const detailed = z
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
    allowed: z.array(z.enum(commandNames)).describe('The commands that it would consider now from who asks.'),
    capabilities: z.record(z.string(), z.unknown()).nullable().describe('What the channel can carry.'),
  })
  .meta({ id: 'ConversationDetails' });

export const event = z
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

export function showConversation(row: ConversationRow): z.output<typeof conversation> {
  const { phase, holder, session, windowClosedAt, waitingSince, resolvedAt, lastMessageAt, createdAt, ...rest } = row;
  return {
    ...rest,
    state: phase,
    holder: holder as z.output<typeof conversation>['holder'],
    session: { ...session, endsAt: isoOrNull(session.endsAt) },
    windowClosedAt: isoOrNull(windowClosedAt),
    waitingSince: isoOrNull(waitingSince),
    resolvedAt: isoOrNull(resolvedAt),
    lastMessageAt: isoOrNull(lastMessageAt),
    createdAt: iso(createdAt),
  };
}

/** `by`: who asks. `now`: epoch ms */
export function showDetails(
  row: ConversationRow,
  { contact, contactErased, request, intake, state: recorded, version }: ConversationDetails,
  capabilities: Record<string, unknown> | null,
  { by, now }: { by: By; now: number },
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
    allowed: allowedTo(current, by, { contactErased }),
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

export function showEvent({ at, recordedAt, event: happened, cause, ...row }: EventRow): z.output<typeof event> {
  return { ...row, at: iso(at), recordedAt: iso(recordedAt), event: { ...happened }, cause: { ...cause } };
}
