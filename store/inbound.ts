/**
 * What channels bring in. One transaction, one round trip stores a whole webhook, and only then is it answered: what was
 * acknowledged is never lost, and what comes twice has one effect. The guarantees stand at `accept_inbound` (0010).
 */
import { v7 as uuid } from 'uuid';
import { callFunction, storableJson } from './call.ts';
import type { Pool } from './connection.ts';
import { retryDeadlock } from './deadlock.ts';
import { isTooLong, parkable, type Unreadable } from './parkable.ts';

/** The items of a channel adapter's `parse`, without those that it ignored. */
export type InboundItem =
  | {
      kind: 'message';
      externalId: string;
      thread: string;
      contact: { externalId: string; name?: string; phones?: string[]; emails?: string[]; pageUrl?: string };
      content: object;
      endChannel?: string;
      /** The sender's own id (web chat). */
      clientId?: string;
      /** The channel shows the conversation as a stream: the message gets its place there too. */
      stream?: boolean;
    }
  | { kind: 'cancel'; externalId: string; thread: string }
  | {
      kind: 'receipt';
      externalId: string | null;
      providerId: string;
      key?: string;
      status: 'sent' | 'delivered' | 'read' | 'failed';
      class?: string;
    }
  | Unreadable;

export interface Inbound {
  accountId: string;
  /** The channel. */
  sourceId: string;
  /** When it came, epoch ms. */
  at: number;
  items: InboundItem[];
}

/**
 * What became of one item. `duplicate`: nothing, it was here before; of a message or cancel it says what was stored then.
 * `unknown`: a cancel for a thread that nobody has written in.
 */
export interface Accepted {
  kind: 'stored' | 'duplicate' | 'parked' | 'unknown';
  conversationId?: string;
  /** Place in the conversation's inbox. */
  seq?: number;
  /** The time under which it is stored, epoch ms. */
  at?: number;
  messageId?: string;
  /** Place in the visitor's stream. */
  place?: number;
}

/** Answers in the order of the items. Throws only where Postgres is away or refuses (an unknown channel). */
export async function acceptInbound(pool: Pool, { items, ...from }: Inbound): Promise<Accepted[]> {
  if (items.length === 0) return [];
  const statement = { name: 'accept-inbound', text: 'SELECT accept_inbound($1::jsonb) AS answer' };
  const { p, indexes } = parameterOf(from, items);
  const answers = await retryDeadlock(() => callFunction<Record<string, Accepted>>(pool, statement, [p]));
  const byIndex = new Map(indexes.map((index, place) => [index, answers[place]]));
  return items.map((_, index) => byIndex.get(index) ?? { kind: 'unknown' });
}

/**
 * The same for a channel that was read before, in that version (`Endpoint`). False: it is another one by now, or switched
 * off, and nothing was stored. Judged in the transaction that stores: no change that has committed is overlooked.
 */
export async function acceptInboundIf(pool: Pool, { items, ...from }: Inbound, version: string): Promise<boolean> {
  const statement = { name: 'accept-inbound-if', text: 'SELECT accept_inbound_if($1::jsonb, $2::xid) AS answer' };
  const { p } = parameterOf(from, items);
  return (await retryDeadlock(() => callFunction(pool, statement, [p, version]))) !== null;
}

/** `indexes`: of the items, in the order in which they are stored. */
function parameterOf(
  { accountId, sourceId, at }: Omit<Inbound, 'items'>,
  items: InboundItem[],
): { p: string; indexes: number[] } {
  const stored = items.map((item, index) => ({ index, item: withIds(readable(item)) }));
  if (stored.length > 1) stored.sort((a, b) => byCustomer(a.item, b.item) || a.index - b.index);
  const kinds = new Set(stored.flatMap(({ item }) => traits(item)));
  const p = storableJson({
    account: accountId,
    source: sourceId,
    at,
    items: stored.map(({ item, index }) => ({ ...item, no: index })),
    kinds: [...kinds],
  });
  return { p, indexes: stored.map(({ index }) => index) };
}

/**
 * One order for all webhooks: two that bring the same new customers wait for each other once, and not in a circle. What
 * makes no conversation comes last, when those that it may be about are there.
 */
function byCustomer(a: InboundItem, b: InboundItem): number {
  if (a.kind !== 'message' || b.kind !== 'message') return Number(a.kind !== 'message') - Number(b.kind !== 'message');
  const [one, other] = [a.contact.externalId, b.contact.externalId];
  return one === other ? 0 : one < other ? -1 : 1;
}

/** What the database must look at this webhook for. */
function traits(item: InboundItem): string[] {
  if (item.kind !== 'message') return [item.kind];
  return [item.kind, ...(item.stream ? ['stream'] : []), ...(item.endChannel === undefined ? [] : ['endChannel'])];
}

/** New rows' ids are made here; a row that exists already keeps its own. */
function withIds(item: InboundItem): InboundItem & Record<string, unknown> {
  switch (item.kind) {
    case 'message':
      return { ...item, contactId: uuid(), conversationId: uuid(), messageId: uuid() };
    case 'cancel':
      return item;
    default:
      return { ...item, id: uuid() };
  }
}

function readable(item: InboundItem): InboundItem {
  if (item.kind === 'unreadable') return parkable(item.externalId, item.because, item.item);
  const ids =
    item.kind === 'receipt'
      ? [item.providerId]
      : [item.externalId, item.thread, ...(item.kind === 'message' ? [item.contact.externalId] : [])];
  return ids.some(isTooLong) ? parkable(item.externalId, 'id-too-long', item) : item;
}
