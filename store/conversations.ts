/** Conversations as people look at them: lists with their filters and orders, and one with all that belongs to it. */
import { type Expression, sql, type SqlBool } from 'kysely';
import type { Transaction } from './connection.ts';
import { db, run } from './queries.ts';
import type { Reader } from './readers.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { PhaseName } from '../workflows/conversation/state.ts';

interface ConversationTable {
  account_id: string;
  id: string;
  channel_id: string;
  contact_id: string;
  created_at: Date;
  phase: PhaseName;
  holder_kind: string;
  holder_id: string | null;
  epoch: number;
  session_no: number;
  session_ends_at: Date | null;
  locked: boolean;
  window_closed_at: Date | null;
  handover_no: number | null;
  request_id: string | null;
  bot_id: string | null;
  group_id: string | null;
  desk_id: string | null;
  agent_id: string | null;
  priority: number;
  waiting_since: Date | null;
  resolved_at: Date | null;
  archived: boolean;
  flagged: boolean;
  policy_version: number;
  last_message_at: Date | null;
  end_channel: string | null;
  tag_ids: string[];
}

const tables = db.withTables<{ conversations: ConversationTable }>();

export interface ConversationRow {
  id: string;
  channel: { id: string; name: string; type: string };
  /** As the platform of the channel reports it. */
  endChannel: string | null;
  contact: { id: string; name: string | null };
  phase: PhaseName;
  holder: { kind: string; id: string | null };
  epoch: number;
  session: { no: number; endsAt: Date | null; locked: boolean };
  /** Until the customer writes, what goes to the channel is held. */
  windowClosedAt: Date | null;
  /** The open hand-over. */
  handover: { no: number; requestId: string | null; reason: string | null; skill: string | null } | null;
  /** How the last one that is over ended. */
  lastHandover: { no: number; because: string } | null;
  botId: string | null;
  group: { id: string; name: string } | null;
  deskId: string | null;
  agent: { id: string; name: string } | null;
  priority: number;
  waitingSince: Date | null;
  resolvedAt: Date | null;
  archived: boolean;
  flagged: boolean;
  tags: { id: string; name: string }[];
  lastMessageAt: Date | null;
  lastMessage: { author: string; text: string | null } | null;
  createdAt: Date;
}

/** Of the conversation that the query is at. */
const related = {
  channel: sql<ConversationRow['channel']>`
    (SELECT jsonb_build_object('id', h.id, 'name', h.name, 'type', h.type) FROM channels h
     WHERE h.account_id = conversations.account_id AND h.id = conversations.channel_id)`,
  contact: sql<ConversationRow['contact']>`
    (SELECT jsonb_build_object('id', k.id, 'name', k.name) FROM contacts k
     WHERE k.account_id = conversations.account_id AND k.id = conversations.contact_id)`,
  holder: sql<ConversationRow['holder']>`
    jsonb_build_object('kind', conversations.holder_kind, 'id', conversations.holder_id)`,
  handover: sql<ConversationRow['handover']>`
    (SELECT jsonb_build_object('no', conversations.handover_no, 'requestId', conversations.request_id,
                               'reason', r.reason, 'skill', r.skill)
     FROM (SELECT) AS one LEFT JOIN handover_requests r ON r.account_id = conversations.account_id
       AND r.conversation_id = conversations.id AND r.id = conversations.request_id
     WHERE conversations.handover_no IS NOT NULL)`,
  lastHandover: sql<ConversationRow['lastHandover']>`
    (SELECT jsonb_build_object('no', (e.data->'event'->>'no')::int, 'because', e.data->'event'->>'because')
     FROM domain_events e
     WHERE e.account_id = conversations.account_id AND e.conversation_id = conversations.id AND e.type = 'HandoverEnded'
     ORDER BY e.no DESC LIMIT 1)`,
  group: sql<ConversationRow['group']>`
    (SELECT jsonb_build_object('id', g.id, 'name', g.name) FROM groups g
     WHERE g.account_id = conversations.account_id AND g.id = conversations.group_id)`,
  agent: sql<ConversationRow['agent']>`
    (SELECT jsonb_build_object('id', a.id, 'name', a.name) FROM agents a
     WHERE a.account_id = conversations.account_id AND a.id = conversations.agent_id)`,
  tags: sql<ConversationRow['tags']>`
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) ORDER BY t.name), '[]') FROM tags t
     WHERE t.account_id = conversations.account_id AND t.id = ANY (conversations.tag_ids) AND t.deleted_at IS NULL)`,
  lastMessage: sql<ConversationRow['lastMessage']>`
    (SELECT jsonb_build_object('author', m.author_kind, 'text', left(m.content->>'text', 200)) FROM messages m
     WHERE m.account_id = conversations.account_id AND m.conversation_id = conversations.id AND m.position IS NOT NULL
     ORDER BY m.position DESC LIMIT 1)`,
};

function select(accountId: string) {
  return tables
    .selectFrom('conversations')
    .select(['id', 'phase', 'epoch', 'priority', 'archived', 'flagged'])
    .select(['end_channel as endChannel', 'bot_id as botId', 'desk_id as deskId', 'created_at as createdAt'])
    .select(['waiting_since as waitingSince', 'resolved_at as resolvedAt', 'last_message_at as lastMessageAt'])
    .select([
      'session_no as sessionNo',
      'session_ends_at as sessionEndsAt',
      'locked',
      'window_closed_at as windowClosedAt',
    ])
    .select(Object.entries(related).map(([name, expression]) => (expression as typeof related.tags).as(name)))
    .where('account_id', '=', accountId);
}

type Selected = Omit<ConversationRow, 'session'> & {
  sessionNo: number;
  sessionEndsAt: Date | null;
  locked: boolean;
};

function shaped({ sessionNo, sessionEndsAt, locked, ...row }: Selected): ConversationRow {
  return { ...row, session: { no: sessionNo, endsAt: sessionEndsAt, locked } };
}

export interface ConversationFilter {
  /** null: in any. */
  phases: readonly PhaseName[] | null;
  channelId?: string | undefined;
  endChannel?: string | undefined;
  groupId?: string | undefined;
  /** null: nobody's. */
  agentId?: string | null | undefined;
  deskId?: string | undefined;
  botId?: string | undefined;
  tagId?: string | undefined;
  contactId?: string | undefined;
  /** Words that are said in it, commented, noted of the contact, or the contact's name. */
  text?: string | undefined;
  archived: boolean;
  flagged?: boolean | undefined;
}

/** `oldest` and `priority` are orders of the queue: who waits longest, and who matters most and then waits longest. */
export type ConversationOrder = 'last-message' | 'oldest' | 'priority';

/** What a page ends with, and so what the next begins after. */
export interface ConversationKey {
  /** ISO; null: nothing recorded yet, which comes before everything. */
  at: string | null;
  priority: number;
  id: string;
}

export function keyOf(row: ConversationRow, order: ConversationOrder): ConversationKey {
  const at = order === 'last-message' ? row.lastMessageAt : row.waitingSince;
  return { at: at?.toISOString() ?? null, priority: row.priority, id: row.id };
}

export async function listConversations(
  tx: Transaction,
  accountId: string,
  reader: Reader,
  filter: ConversationFilter,
  { order, limit, after }: { order: ConversationOrder; limit: number; after: ConversationKey | null },
): Promise<ConversationRow[]> {
  const conditions = [
    ...filtered(filter, reader),
    ...seenBy(reader),
    ...(after === null ? [] : [behind(order, after)]),
  ];
  const query = select(accountId).where(sql.join<SqlBool>([sql`true`, ...conditions], sql` AND `));
  const rows = (await run(tx, ordered(query, order).limit(limit + 1))) as unknown as Selected[];
  return rows.map(shaped);
}

/** null: there is none in the account. Who may see it is the caller's to ask. */
export async function findConversation(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
): Promise<ConversationRow | null> {
  const [row] = (await run(tx, select(accountId).where('id', '=', conversationId))) as unknown as Selected[];
  return row === undefined ? null : shaped(row);
}

function ordered(query: ReturnType<typeof select>, order: ConversationOrder) {
  switch (order) {
    case 'last-message':
      return query.orderBy('last_message_at', 'desc').orderBy('id');
    case 'oldest':
      return query.orderBy('waiting_since').orderBy('id');
    case 'priority':
      return query.orderBy('priority', 'desc').orderBy('waiting_since').orderBy('id');
  }
}

/** Literals, so that the planner knows the indexes that some phases have for themselves. */
function inPhases(phases: readonly PhaseName[]): Expression<SqlBool> {
  const [first, ...others] = phases.map((phase) => sql.lit(phase));
  if (first === undefined) return sql<SqlBool>`false`;
  return others.length === 0
    ? sql<SqlBool>`phase = ${first}`
    : sql<SqlBool>`phase IN (${sql.join([first, ...others])})`;
}

function filtered(filter: ConversationFilter, reader: Reader): Expression<SqlBool>[] {
  const { phases, channelId, endChannel, groupId, agentId, deskId, botId, tagId, contactId, text, flagged } = filter;
  return [
    phases !== null && inPhases(phases),
    sql<SqlBool>`archived = ${sql.lit(filter.archived)}`,
    channelId !== undefined && sql<SqlBool>`channel_id = ${channelId}`,
    endChannel !== undefined && sql<SqlBool>`end_channel = ${endChannel}`,
    groupId !== undefined && sql<SqlBool>`group_id = ${groupId}`,
    agentId !== undefined && (agentId === null ? sql<SqlBool>`agent_id IS NULL` : sql<SqlBool>`agent_id = ${agentId}`),
    deskId !== undefined && sql<SqlBool>`desk_id = ${deskId}`,
    botId !== undefined && sql<SqlBool>`bot_id = ${botId}`,
    tagId !== undefined && sql<SqlBool>`tag_ids @> ARRAY[${tagId}]::uuid[]`,
    contactId !== undefined && sql<SqlBool>`contact_id = ${contactId}`,
    flagged !== undefined && sql<SqlBool>`flagged = ${sql.lit(flagged)}`,
    text !== undefined && sql<SqlBool>`id IN (SELECT conversations_mentioning(${text}, ${reader.agentId}))`,
  ].filter((condition) => condition !== false);
}

/** The same rule as `sees` in readers.ts. Where chats are assigned automatically, agents get no queue (S1-2). */
function seenBy(reader: Reader): Expression<SqlBool>[] {
  if (reader.kind === 'all') return [];
  const { agentId, groupIds, botIds } = reader;
  const ofBots = botIds.length === 0 ? sql`true` : sql`(bot_id IS NULL OR bot_id = ANY (${botIds}::uuid[]))`;
  return [
    sql<SqlBool>`(agent_id = ${agentId} OR (${ofBots} AND (group_id IS NULL OR group_id = ANY (${groupIds}::uuid[]))))`,
    sql<SqlBool>`NOT (phase = 'queued' AND group_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM policies p WHERE p.account_id = conversations.account_id AND p.version = conversations.policy_version
        AND coalesce(p.groups #>> ARRAY[group_id::text, 'assignment'], p.numbers->>'assignment') = 'automatic'))`,
  ];
}

/** Rows after this one. Bounds come first as plain comparisons: those are what an index can begin at. */
function behind(order: ConversationOrder, { at, priority, id }: ConversationKey): Expression<SqlBool> {
  switch (order) {
    case 'last-message':
      return at === null
        ? sql<SqlBool>`(last_message_at IS NOT NULL OR id > ${id})`
        : sql<SqlBool>`(last_message_at <= ${at}::timestamptz AND (last_message_at < ${at}::timestamptz OR id > ${id}))`;
    case 'oldest':
      return sql<SqlBool>`(waiting_since, id) > (${at}::timestamptz, ${id}::uuid)`;
    case 'priority':
      return sql<SqlBool>`(priority <= ${priority}
        AND (priority < ${priority} OR (waiting_since, id) > (${at}::timestamptz, ${id}::uuid)))`;
  }
}
