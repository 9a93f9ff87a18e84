/** Requests for a person: their facts, where they can go, and what an outside desk is given with them. */
import { validate as isUuid } from 'uuid';
import type { Transaction } from './connection.ts';
import type { Availability, RequestFacts } from './routing.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { Target } from '../workflows/conversation/state.ts';

/** What a desk calls a hand-over, in offers and in its events. */
export function handoverId(conversationId: string, handover: number): string {
  return `${conversationId}:h${handover}`;
}

/** null: not a hand-over of ours. */
export function parseHandoverId(id: string): { conversationId: string; handover: number } | null {
  const [, conversationId, handover] = /^([0-9a-f-]{36}):h(\d{1,9})$/.exec(id) ?? [];
  return conversationId === undefined || !isUuid(conversationId)
    ? null
    : { conversationId, handover: Number(handover) };
}

export interface Request extends RequestFacts {
  /** The bot whose agents may answer. */
  botId: string | null;
}

/** null: no such conversation. A request that was never stored (the engine's own) has no facts but the channel's. */
export async function readRequest(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  requestId: string,
): Promise<Request | null> {
  const { rows } = await tx.query<Request>({
    name: 'read-request',
    text: `SELECT r.group_id AS "groupId", r.desk_id AS "deskId", r.skill, r.webstore,
                  h.group_id AS "channelGroupId", coalesce(c.bot_id, h.bot_id) AS "botId",
                  coalesce((SELECT v.page_url FROM visitor_sessions v
                            WHERE v.account_id = c.account_id AND v.conversation_id = c.id AND v.page_url IS NOT NULL
                            ORDER BY v.created_at DESC LIMIT 1), k.attributes->>'pageUrl') AS "pageUrl"
           FROM conversations c
             JOIN channels h ON h.account_id = c.account_id AND h.id = c.channel_id
             JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
             LEFT JOIN handover_requests r ON r.account_id = c.account_id AND r.conversation_id = c.id AND r.id = $3
           WHERE c.account_id = $1 AND c.id = $2`,
    values: [accountId, conversationId, requestId],
  });
  return rows[0] ?? null;
}

/** The first of the targets that is there: a group that was not deleted, a desk that was not switched off. */
export async function firstTarget(tx: Transaction, accountId: string, targets: Target[]): Promise<Target | null> {
  const { rows } = await tx.query<{ id: string }>({
    name: 'known-targets',
    text: `SELECT id FROM groups WHERE account_id = $1 AND id::text = ANY ($2) AND deleted_at IS NULL
           UNION ALL
           SELECT id FROM desks WHERE account_id = $1 AND id::text = ANY ($3) AND disabled_at IS NULL`,
    values: [
      accountId,
      targets.flatMap((target) => (target.kind === 'group' ? [target.groupId] : [])),
      targets.flatMap((target) => (target.kind === 'desk' ? [target.deskId] : [])),
    ],
  });
  const known = new Set(rows.map(({ id }) => id));
  return targets.find((target) => known.has(target.kind === 'group' ? target.groupId : target.deskId)) ?? null;
}

/** How many of the group's agents (those who serve this bot) are there, and how many have a free place. null: no such group. */
export async function readAvailability(
  tx: Transaction,
  accountId: string,
  groupId: string,
  botId: string | null,
  at: number,
): Promise<Availability | null> {
  const { rows } = await tx.query<Availability>({
    name: 'read-availability',
    text: `SELECT g.hours,
                  count(*) FILTER (WHERE agent_available(a.status, a.lease_until, $4)) AS online,
                  count(*) FILTER (WHERE agent_available(a.status, a.lease_until, $4)
                                   AND a.active - overrides_in_use($1, a.id) < a.max_chats) AS free
           FROM groups g
             LEFT JOIN agent_groups m ON m.account_id = g.account_id AND m.group_id = g.id
             LEFT JOIN agents a ON a.account_id = m.account_id AND a.id = m.agent_id AND a.deleted_at IS NULL
               AND serves_bot($1, a.id, $3)
           WHERE g.account_id = $1 AND g.id = $2 AND g.deleted_at IS NULL GROUP BY g.hours`,
    values: [accountId, groupId, botId, new Date(at)],
  });
  return rows[0] ?? null;
}

/** The facts as they were fixed: agents, lists and desks read them here. */
export async function fixFacts(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  requestId: string,
  { webstore, at }: { webstore: string | null; at: number },
): Promise<void> {
  await tx.query({
    name: 'fix-facts',
    text: `INSERT INTO handover_requests (account_id, conversation_id, id, webstore, created_at)
           VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (account_id, conversation_id, id) DO UPDATE SET webstore = excluded.webstore`,
    values: [accountId, conversationId, requestId, webstore, new Date(at)],
  });
}

/** What a desk is told of a hand-over besides answers and history. */
export interface OfferFacts {
  contact: { id: string; name: string | null; phones: string[]; emails: string[] };
  reason: string | null;
  skill: string | null;
  webstore: string | null;
  channelTag: string | null;
  priority: number;
  data: Record<string, unknown>;
  history: { kind: 'none' } | { kind: 'last'; count: number } | { kind: 'all' };
}

/** null: no such conversation. What a request doesn't ask for, a desk doesn't get (S0-2). */
export async function readOffer(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  requestId: string,
): Promise<OfferFacts | null> {
  const { rows } = await tx.query<OfferFacts>({
    name: 'read-offer',
    text: `SELECT jsonb_build_object('id', k.id, 'name', k.name,
                    'phones', ARRAY(SELECT value FROM contact_addresses a WHERE a.account_id = k.account_id
                                    AND a.contact_id = k.id AND a.kind = 'phone' ORDER BY value),
                    'emails', ARRAY(SELECT value FROM contact_addresses a WHERE a.account_id = k.account_id
                                    AND a.contact_id = k.id AND a.kind = 'email' ORDER BY value)) AS contact,
                  r.reason, r.skill, r.webstore, r.channel_tag AS "channelTag", coalesce(r.priority, 0) AS priority,
                  coalesce(r.data, '{}') AS data, coalesce(r.history, '{"kind":"none"}') AS history
           FROM conversations c
             JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
             LEFT JOIN handover_requests r ON r.account_id = c.account_id AND r.conversation_id = c.id AND r.id = $3
           WHERE c.account_id = $1 AND c.id = $2`,
    values: [accountId, conversationId, requestId],
  });
  return rows[0] ?? null;
}
