import { isUtf8 } from 'node:buffer';

/**
 * Reads JSON that somebody else wrote, so that whatever comes out can be stored in Postgres and handed on: no string or
 * key holds NUL or a lone surrogate (neither fits into `text` or `jsonb`; U+FFFD stands for them), and no object has a
 * key `__proto__`. Never throws.
 */
export function readJson(bytes: Uint8Array): { ok: true; value: unknown } | { ok: false; because: string } {
  if (!isUtf8(bytes)) return { ok: false, because: 'not-utf8' };
  const text = decode(bytes);
  try {
    return { ok: true, value: SUSPECT.test(text) ? JSON.parse(text, storable) : JSON.parse(text) };
  } catch {
    return { ok: false, because: 'not-json' };
  }
}

/** The same for what somebody else's parser has read already. */
export function rereadJson(value: unknown): ReturnType<typeof readJson> {
  try {
    return readJson(Buffer.from(JSON.stringify(value ?? null)));
  } catch {
    // Nested more deeply than can be written down.
    return { ok: false, because: 'not-json' };
  }
}

/** Bytes as text that can be stored, whatever they are. */
export function asText(bytes: Uint8Array): string {
  return clean(decode(bytes));
}

/** Is `value` no deeper than `levels`? Looks no deeper than that itself. */
export function nestedAtMost(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => nestedAtMost(inner, levels - 1));
}

/** What can't be stored comes in by an escape only (a raw NUL is no JSON, a raw surrogate no UTF-8). */
const SUSPECT = /\\u|__proto__/;

function storable(key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined;
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (Object.keys(value).every((name) => clean(name) === name)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [clean(name), inner]));
}

function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD');
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
