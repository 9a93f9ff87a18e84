/**
 * Calls of outside systems: their bytes as they came, verified before anything of them is read. What is unknown, switched
 * off or another account's looks the same from outside: 404.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { validate as isUuid } from 'uuid';
import { z } from 'zod';
import type { Connection, RawRequest, Verified } from '../adapters/contract/call.ts';
import type { Pool } from '../store/connection.ts';
import { type Endpoint, findEndpoint } from '../store/endpoints.ts';
import type { Backlog } from './dependencies.ts';
import { notFound, Problem } from './problem.ts';

/** For a plugin whose routes get every body as it is, of whatever type. */
export function readRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** For the document: the bodies of the connection's types, and what signs those of type `http`. */
export function documentedCalls(adapters: Iterable<{ type: string; body?: z.ZodType | undefined }>): {
  body: z.ZodType;
  headers: z.ZodType;
} {
  const bodies = [...adapters].flatMap(({ type, body }) => (body === undefined ? [] : [titled(body, type)]));
  return { body: z.union(bodies), headers: signedHeaders };
}

const titled = (body: z.ZodType, type: string) => body.meta({ title: type, description: `Of type \`${type}\`.` });

const signedHeaders = z.looseObject({
  'webhook-id': z
    .string()
    .max(255)
    .optional()
    .describe('Of type `http`: names the call, the same when it is sent again. Without a dot.'),
  'webhook-timestamp': z
    .string()
    .optional()
    .describe('Of type `http`: when it is sent, in seconds since 1970; at most 5 minutes off.'),
  'webhook-signature': z.string().optional(),
});

/** `now`: epoch ms */
export function rawRequest(request: FastifyRequest, now: number): RawRequest {
  return {
    method: request.method,
    headers: flat(request.headers),
    query: flat(request.query as Record<string, unknown>),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    receivedAt: now,
  };
}

export async function endpointOf(
  pool: Pool,
  kind: 'channel' | 'desk',
  { accountId, id }: { accountId: string; id: string },
): Promise<Endpoint & Connection> {
  if (!isUuid(accountId) || !isUuid(id)) throw notFound(kind);
  const endpoint = await findEndpoint(pool, kind, accountId, id);
  if (endpoint === null) throw notFound(kind);
  return { accountId, id, ...endpoint };
}

interface Adapter<Item> {
  verify(request: RawRequest, connection: Connection): Verified;
  parse(request: RawRequest, connection: Connection): Item[];
}

interface Judged<Item> {
  /** Is to be answered, and that is all. */
  challenge: string | null;
  /** Are to be stored. */
  items: Exclude<Item, Ignored>[];
}

interface Ignored {
  kind: 'ignored';
}

/** What a call brings, by its connection as it is given here. Throws the problem with which it is answered. */
export function judgeCall<Item extends { kind: string }>(
  adapter: Adapter<Item>,
  raw: RawRequest,
  connection: Connection,
  { kind, backlog }: { kind: 'channel' | 'desk'; backlog: Backlog },
): Judged<Item> {
  const challenge = requireVerified(adapter.verify(raw, connection));
  if (challenge !== null) return { challenge, items: [] };
  if (raw.method === 'GET') throw notFound(kind);
  requireRoom(backlog);
  const items = adapter
    .parse(raw, connection)
    .filter((item): item is Exclude<Item, Ignored> => item.kind !== 'ignored');
  requireFew(items);
  return { challenge: null, items };
}

/** The body of a challenge that is to be answered; null: it is verified. */
function requireVerified(verified: Verified): string | null {
  if (verified.ok === 'challenge') return verified.body;
  if (verified.ok) return null;
  const { status, code } = verified;
  throw new Problem(status === 401 ? 'unauthenticated' : 'forbidden', { detail: code });
}

/** 503 where more waits already than can be handed over in time: what is acknowledged must get through. */
export function requireRoom(backlog: Backlog): void {
  if (backlog.isFull()) throw new Problem('backlog-full', { retryAfterSeconds: 5 });
}

/** More than are stored at once. */
const mostItems = 1_000;

/** All are stored in one transaction, and more would outlast the time that it has: tried again, they would so for ever. */
function requireFew(items: readonly unknown[]): void {
  if (items.length > mostItems) {
    throw new Problem('payload-too-large', { detail: `At most ${mostItems} items at once. Nothing was stored.` });
  }
}

function flat(values: Record<string, unknown>): Record<string, string | undefined> {
  const entries = Object.entries(values).map(([name, value]) => [name, textOf(value)]);
  return Object.fromEntries(entries) as Record<string, string | undefined>;
}

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : undefined;
}
