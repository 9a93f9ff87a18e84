/**
 * Inputs that were set aside. An inbox row whose decision threw is put in once more, in a new place; an item of a webhook
 * that couldn't be read is read again, by the adapter as it is now.
 */
import type { FastifyRequest } from 'fastify';
import { lockParked, noteResumed, type ParkedRow, putAgain } from '../store/dead-letters.ts';
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

async function readAgain(
  { pool, channels, desks }: ApiDependencies,
  request: FastifyRequest,
  { sourceId, externalId, item }: ParkedRow,
  at: Date,
): Promise<void> {
  const { accountId } = request.principal;
  if (sourceId === null || item === null) throw no('There is nothing left of it to read.');
  const channel = await findEndpoint(pool, 'channel', accountId, sourceId);
  const desk = channel === null ? await findEndpoint(pool, 'desk', accountId, sourceId) : null;
  const raw = requestOf(item, externalId, at);
  const connection = { accountId, id: sourceId };
  const stillUnreadable = no('It still can’t be read.');
  if (channel) {
    const ingress = channels.get(channel.type)?.ingress;
    const items = ingress?.parse(raw, { ...channel, ...connection }).filter((one) => one.kind !== 'ignored') ?? [];
    if (items.length === 0 || items.some(({ kind }) => kind === 'unreadable')) throw stillUnreadable;
    await acceptInbound(pool, { accountId, sourceId, at: at.getTime(), items });
  } else if (desk) {
    const items =
      desks
        .get(desk.type)
        ?.parse(raw, { ...desk, ...connection })
        .filter((one) => one.kind !== 'ignored') ?? [];
    if (items.length === 0 || items.some(({ kind }) => kind === 'unreadable')) throw stillUnreadable;
    await acceptDeskEvents(pool, { accountId, deskId: sourceId, at: at.getTime(), items });
  } else {
    throw no('The connection that it came by is gone or switched off.');
  }
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
