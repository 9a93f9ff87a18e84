/**
 * Items of a webhook that can't be taken are kept as they came, as far as Postgres can keep them, so that people can
 * look at them and nothing is dropped in silence.
 */
import { createHash } from 'node:crypto';

export interface Unreadable {
  kind: 'unreadable';
  externalId: string | null;
  because: string;
  item: unknown;
}

/** Longer than any network's ids, and short enough for an index of Postgres (2,704 bytes for all of its columns). */
const idBytes = 1_024;
/** Deeper JSON than this is kept as text: Postgres reads nested values recursively. */
const deepest = 200;

export function isTooLong(id: string | null | undefined): boolean {
  return typeof id === 'string' && Buffer.byteLength(id) > idBytes;
}

/** `because`: a code, no text of the item. */
export function parkable(externalId: string | null, because: string, item: unknown): Unreadable {
  return { kind: 'unreadable', externalId: shortened(externalId), because, item: shallow(item) };
}

function shortened(id: string | null): string | null {
  return id !== null && isTooLong(id) ? `sha256:${createHash('sha256').update(id).digest('hex')}` : id;
}

function shallow(item: unknown): unknown {
  let text: string;
  try {
    text = JSON.stringify(item) ?? 'null';
  } catch {
    return null; // nested deeper than JSON can be made of
  }
  let depth = 0;
  for (const character of text) {
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    if (depth > deepest) return text;
  }
  return item;
}
