/**
 * Inputs that were set aside. An inbox row whose decision threw is put in once more, in a new place; an item of a webhook
 * that couldn't be read is read again, by the adapter as it is now. What nobody will ever resume is discarded.
 */
import type { FastifyRequest } from 'fastify';
import {
  discardParked,
  type DiscardReason,
  lockParked,
  noteResumed,
  type ParkedRow,
  putAgain,
} from '../store/dead-letters.ts';
import { acceptDeskEvents } from '../store/desk-events.ts';
import { findEndpoint } from '../store/endpoints.ts';
import { acceptInbound } from '../store/inbound.ts';
import type { RawRequest } from '../adapters/contract/call.ts';
import type { ApiDependencies } from './dependencies.ts';
import { found, Problem } from './problem.ts';

/** Throws where nothing can come of it: 409 with the reason. */
export async function resumeParked(deps: ApiDependencies, request: FastifyRequest, id: string): Promise<void> {
  const { accountId } = request.principal;
  const at = new Date(deps.clock());
  const item = await request.inAccount(async (tx) => {
    const row = found(await lockParked(tx, accountId, id), 'parked item');
    if (row.discardedBecause !== null) throw no('It was discarded: nothing of it is left.');
    if (row.resumedAt !== null) return null;
    if (row.conversationId === null) return row;
    const actor = { accountId, conversationId: row.conversationId };
    const place = row.seq === null ? null : await putAgain(tx, actor, row.seq, at);
    if (place === null) throw no('This was a command: whoever gave it was told, and may give it again.');
    await noteResumed(tx, accountId, id, at);
    return null;
  });
  if (item === null) return;
  // Not under the row's lock: what is read twice has one effect, by its own id.
  await readAgain(deps, request, item, at);
  await request.inAccount((tx) => noteResumed(tx, accountId, id, at));
}

/** Throws where it has been decided on already. */
export async function discard(
  { clock }: ApiDependencies,
  request: FastifyRequest,
  id: string,
  because: DiscardReason,
): Promise<void> {
  const { accountId, kind, id: own } = request.principal;
  const by = { kind, id: own, at: new Date(clock()) };
  await request.inAccount(async (tx) => {
    const { resumedAt, discardedBecause } = found(await lockParked(tx, accountId, id), 'parked item');
    if (discardedBecause !== null) return;
    if (resumedAt !== null) throw no('It has been decided on anew.');
    await discardParked(tx, accountId, id, { because, by });
  });
}

async function readAgain(
  deps: ApiDependencies,
  request: FastifyRequest,
  { sourceId, externalId, item }: ParkedRow,
  at: Date,
): Promise<void> {
  const { accountId } = request.principal;
  if (sourceId === null || item === null) throw no('There is nothing left of it to read.');
  const source = (await channelAt(deps, accountId, sourceId)) ?? (await deskAt(deps, accountId, sourceId));
  if (source === null) throw no('The connection that it came by is gone or switched off.');
  if (!(await source.accept(requestOf(item, externalId, at)))) throw no('It still can’t be read.');
}

/** False: something of it can't be read, and nothing was stored. */
interface Source {
  accept(raw: RawRequest): Promise<boolean>;
}

async function channelAt({ pool, channels }: ApiDependencies, accountId: string, id: string): Promise<Source | null> {
  const endpoint = await findEndpoint(pool, 'channel', accountId, id);
  if (endpoint === null) return null;
  const ingress = channels.get(endpoint.type)?.ingress;
  return {
    async accept(raw) {
      const items = readable(ingress?.parse(raw, { ...endpoint, accountId, id }) ?? []);
      if (items !== null) await acceptInbound(pool, { accountId, sourceId: id, at: raw.receivedAt, items });
      return items !== null;
    },
  };
}

async function deskAt({ pool, desks }: ApiDependencies, accountId: string, id: string): Promise<Source | null> {
  const endpoint = await findEndpoint(pool, 'desk', accountId, id);
  if (endpoint === null) return null;
  const adapter = desks.get(endpoint.type);
  return {
    async accept(raw) {
      const items = readable(adapter?.parse(raw, { ...endpoint, accountId, id }) ?? []);
      if (items !== null) await acceptDeskEvents(pool, { accountId, deskId: id, at: raw.receivedAt, items });
      return items !== null;
    },
  };
}

interface Ignored {
  kind: 'ignored';
}

/** What there is to be stored; null: nothing, or not all of it. */
function readable<T extends { kind: string }>(items: readonly T[]): Exclude<T, Ignored>[] | null {
  const wanted = items.filter((one): one is Exclude<T, Ignored> => one.kind !== 'ignored');
  return wanted.length === 0 || wanted.some(({ kind }) => kind === 'unreadable') ? null : wanted;
}

/** As it came, as far as that was kept. It was verified then. */
function requestOf(item: unknown, externalId: string | null, at: Date): RawRequest {
  const text = typeof item === 'string' ? item : JSON.stringify(item);
  const headers = externalId === null ? {} : { 'webhook-id': externalId };
  return { method: 'POST', headers, query: {}, body: Buffer.from(text), receivedAt: at.getTime() };
}

function no(detail: string): Problem {
  return new Problem('conflict', { detail });
}
