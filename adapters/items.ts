import { z } from 'zod';
import type { RawRequest } from './contract/call.ts';
import { asText, nestedAtMost, readJson } from './json.ts';
import { externalId, issuesOf } from './words.ts';

/**
 * Reads the body of a native webhook: one item `{type, timestamp?, data}`, or a list of them. Never throws; every item
 * comes out as what it is, as `ignored` (a type that nobody here knows) or as `unreadable`, in the order of the body.
 */
export function readItems<T>(request: RawRequest, readers: Record<string, z.ZodType<T>>): (T | Ignored | Unreadable)[] {
  const webhookId = request.headers['webhook-id'] ?? null;
  const body = readJson(request.body);
  if (!body.ok) return [unreadable(webhookId, body.because, asText(request.body))];
  if (!Array.isArray(body.value)) return [readItem(body.value, webhookId, request.body, readers)];
  return body.value.map((item: unknown, no) =>
    readItem(item, webhookId && `${webhookId}:${no}`, request.body, readers),
  );
}

/** The same in words: what the body of such a webhook is, for whoever writes one. Beyond it, unknown types are ignored. */
export function bodyOf(readers: Record<string, z.ZodType>): z.ZodType {
  const timestamp = z.string().optional().describe('Read by nobody: what counts is when it arrives.');
  const items = Object.entries(readers).map(([type, data]) => z.object({ type: z.literal(type), timestamp, data }));
  const item = z.union(items);
  return z.union([item, z.array(item).describe('Several, in order, stored together.')]);
}

export type Ignored = { kind: 'ignored'; because: string };
/** `externalId` is the same whenever the same webhook comes again; `item` is text that can be stored. */
export type Unreadable = { kind: 'unreadable'; externalId: string | null; because: string; item: string };

function readItem<T>(
  item: unknown,
  fallbackId: string | null,
  body: Uint8Array,
  readers: Record<string, z.ZodType<T>>,
): T | Ignored | Unreadable {
  const text = nestedAtMost(item, 64) ? JSON.stringify(item) : asText(body);
  if (!isObject(item) || typeof item['type'] !== 'string') return unreadable(fallbackId, 'no-type', text);
  const { type, data } = item;
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (!reader) return { kind: 'ignored', because: 'unknown-type' };
  const read = reader.safeParse(data);
  if (read.success) return read.data;
  const id = isObject(data) ? externalId.safeParse(data['id']) : undefined;
  return unreadable(id?.success ? `${type}:${id.data}` : fallbackId, issuesOf(read.error).join('; '), text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(id: string | null, because: string, item: string): Unreadable {
  return { kind: 'unreadable', externalId: id, because, item };
}
