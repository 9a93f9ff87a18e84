/**
 * What outside desks bring in, stored like a channel's webhook: once, in order, before anybody is answered. Whether a
 * desk may say it now is the conversation's decision; see `accept_desk_events` (0010).
 */
import { v7 as uuid, validate as isUuid } from 'uuid';
import { callFunction, storableJson } from './call.ts';
import type { Pool } from './connection.ts';
import { retryDeadlock } from './deadlock.ts';
import { parseHandoverId } from './handovers.ts';
import type { Accepted } from './inbound.ts';
import { isTooLong, parkable, type Unreadable } from './parkable.ts';

interface Person {
  id: string;
  name?: string;
}

/** The items of a desk adapter's `parse`, without those that it ignored. */
export type DeskItem =
  | { kind: 'accepted'; externalId: string; handoverId: string; person?: Person }
  | { kind: 'refused' | 'closed'; externalId: string; handoverId: string; code?: string }
  | { kind: 'answered'; externalId: string; handoverId: string; person?: Person; content: object }
  | { kind: 'took'; externalId: string; conversationId: string; person?: Person }
  | Unreadable;

const inputs = {
  accepted: 'DeskAccepted',
  refused: 'DeskRefused',
  answered: 'DeskAnswered',
  closed: 'DeskClosed',
  took: 'DeskTook',
} as const;

const statement = { name: 'accept-desk-events', text: 'SELECT accept_desk_events($1::jsonb) AS answer' };

/** Answers in the order of the items; `unknown`: no conversation or hand-over of this account. */
export async function acceptDeskEvents(
  pool: Pool,
  { accountId, deskId, at, items }: { accountId: string; deskId: string; at: number; items: DeskItem[] },
): Promise<Accepted[]> {
  if (items.length === 0) return [];
  const stored = items.map((item) => storedItem(item));
  const kinds = [...new Set(stored.map(({ kind }) => kind))];
  const p = storableJson({ account: accountId, source: deskId, at, items: stored, kinds });
  const answers = await retryDeadlock(() => callFunction<Record<string, Accepted>>(pool, statement, [p]));
  return items.map((_, index) => answers[index] ?? { kind: 'unknown' });
}

/** As the function of the database reads it. */
type StoredItem = { kind: string } & Record<string, unknown>;

function storedItem(item: DeskItem): StoredItem {
  if (item.kind === 'unreadable') return parked(item.externalId, item.because, item.item);
  const person = 'person' in item ? item.person : undefined;
  if (isTooLong(item.externalId) || isTooLong(person?.id)) return parked(item.externalId, 'id-too-long', item);
  return {
    kind: inputs[item.kind],
    ...chat(item),
    ...(person && { person: { ...person, uuid: uuid() } }),
    ...(item.kind === 'answered' && { content: item.content, messageId: uuid() }),
    externalId: item.externalId,
  };
}

function parked(externalId: string | null, because: string, item: unknown): StoredItem {
  return { ...parkable(externalId, because, item), id: uuid() };
}

function chat(item: Exclude<DeskItem, Unreadable>): { conversationId: string | null; handover: number | null } {
  if (item.kind !== 'took') return parseHandoverId(item.handoverId) ?? { conversationId: null, handover: null };
  return { conversationId: isUuid(item.conversationId) ? item.conversationId : null, handover: null };
}
