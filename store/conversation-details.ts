/** What belongs to one conversation beside its row: the contact, the open hand-over with its answers, the actor's state. */
import { hasThisShape, shownState } from './actor-state.ts';
import type { Transaction } from './connection.ts';
import type { IntakeAnswer } from './intake.ts';
import type { Belonging } from './readers.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { ConversationState } from '../workflows/conversation/state.ts';

export interface ConversationDetails {
  contact: {
    id: string;
    name: string | null;
    attributes: Record<string, unknown>;
    tags: string[];
    phones: string[];
    emails: string[];
    blocked: { reason: string | null; expiresAt: string | null } | null;
  };
  contactErased: boolean;
  /** Of the open hand-over; null: none, or it was asked for without words. */
  request: {
    reason: string | null;
    groupId: string | null;
    deskId: string | null;
    skill: string | null;
    webstore: string | null;
    channelTag: string | null;
    history: object;
    data: Record<string, unknown>;
  } | null;
  intake: IntakeAnswer[];
  channelSettings: unknown;
  /** As recorded last; null: nothing has been recorded yet, or by a build whose format this one can’t read. */
  state: ConversationState | null;
  /** Of the record. */
  version: number;
}

export async function readConversationDetails(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
): Promise<ConversationDetails | null> {
  const { rows } = await tx.query<Omit<ConversationDetails, 'state'> & StoredState>({
    name: 'conversation-details',
    text: `SELECT
             (SELECT jsonb_build_object(
                'id', k.id, 'name', k.name, 'attributes', k.attributes, 'tags', k.tags,
                'phones', ARRAY(SELECT value FROM contact_addresses a
                                WHERE a.account_id = $1 AND a.contact_id = k.id AND kind = 'phone' ORDER BY value),
                'emails', ARRAY(SELECT value FROM contact_addresses a
                                WHERE a.account_id = $1 AND a.contact_id = k.id AND kind = 'email' ORDER BY value),
                'blocked', (SELECT jsonb_build_object('reason', b.reason, 'expiresAt', k.blocked_until)
                            FROM (SELECT) AS one LEFT JOIN contact_blocks b ON b.account_id = $1 AND b.id = k.block_id
                            WHERE k.block_id IS NOT NULL))
              FROM contacts k WHERE k.account_id = $1 AND k.id = c.contact_id) AS contact,
             (SELECT k.erased_at IS NOT NULL FROM contacts k WHERE k.account_id = $1 AND k.id = c.contact_id) AS "contactErased",
             (SELECT jsonb_build_object('reason', r.reason, 'groupId', r.group_id, 'deskId', r.desk_id, 'skill', r.skill,
                                        'webstore', r.webstore, 'channelTag', r.channel_tag, 'history', r.history, 'data', r.data)
              FROM handover_requests r
              WHERE r.account_id = $1 AND r.conversation_id = $2 AND r.id = c.request_id) AS request,
             (SELECT coalesce(jsonb_agg(jsonb_build_object('name', i.name, 'label', i.label, 'value', i.value)
                                        ORDER BY i.answered_at, i.name), '[]')
              FROM intake_answers i
              WHERE i.account_id = $1 AND i.conversation_id = $2 AND i.handover = c.handover_no AND i.value IS NOT NULL) AS intake,
             (SELECT settings FROM channels h WHERE h.account_id = $1 AND h.id = c.channel_id) AS "channelSettings",
             t.state AS stored, t.format, t.version
           FROM conversations c JOIN actors t ON t.account_id = c.account_id AND t.conversation_id = c.id
           WHERE c.account_id = $1 AND c.id = $2`,
    values: [accountId, conversationId],
  });
  const [row] = rows;
  if (!row) return null;
  const { stored, format, ...details } = row;
  return { ...details, state: shownState(stored, format) };
}

interface StoredState {
  stored: unknown;
  format: number;
}

export interface ConversationHead {
  channelType: string;
  channelSettings: unknown;
  phase: ConversationState['phase']['name'];
  epoch: number;
  /** The agent or desk that owns it. */
  ownerId: string | null;
  /** Whoever resolved it last may still look at it. */
  belongs: Belonging;
  contactErased: boolean;
  /** Everything that was stored has been decided on: the row says how things stand. */
  settled: boolean;
}

/** What an action is judged by before it is sent. */
export async function readConversationHead(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
): Promise<ConversationHead | null> {
  const { rows } = await tx.query<ConversationHead>({
    name: 'conversation-head',
    text: `SELECT h.type AS "channelType", h.settings AS "channelSettings", c.phase, c.epoch,
                  CASE WHEN c.phase = 'assigned' THEN c.holder_id END AS "ownerId",
                  jsonb_build_object('groupId', c.group_id, 'botId', c.bot_id, 'agentId', coalesce(c.agent_id::text,
                    CASE WHEN c.phase = 'resolved' AND ${hasThisShape('t.format')} THEN t.state #>> '{state,phase,lastOwner,agentId}' END)) AS belongs,
                  k.erased_at IS NOT NULL AS "contactErased", t.seq >= m.last_seq AS settled
           FROM conversations c
             JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
             JOIN channels h ON h.account_id = c.account_id AND h.id = c.channel_id
             JOIN actors t ON t.account_id = c.account_id AND t.conversation_id = c.id
             JOIN mailboxes m ON m.account_id = c.account_id AND m.conversation_id = c.id
           WHERE c.account_id = $1 AND c.id = $2`,
    values: [accountId, conversationId],
  });
  return rows[0] ?? null;
}

/** As recorded last; null: nothing has been recorded yet, or by a build whose format this one can’t read. */
export async function readState(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
): Promise<ConversationState | null> {
  const { rows } = await tx.query<StoredState>({
    name: 'read-state',
    text: 'SELECT state AS stored, format FROM actors WHERE account_id = $1 AND conversation_id = $2',
    values: [accountId, conversationId],
  });
  const [row] = rows;
  return row ? shownState(row.stored, row.format) : null;
}
