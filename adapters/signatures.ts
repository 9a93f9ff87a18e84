import { isUtf8, Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { RawRequest, Verified } from './contract/call.ts';

/**
 * Standard Webhooks 1.0.0, both ways: `{id}.{timestamp}.{raw body}` under every secret of the connection, so that a
 * secret can be exchanged with no message lost. The API relies on `verifySignature` before it reads a byte of a body.
 */

/** Of the specification's reference library; a receiver remembers ids for at least as long (we do for ever). */
const REPLAY_WINDOW_MS = 5 * 60_000;

/** Refused with 401 and one of four codes; in constant time, over the raw bytes. Malformed secrets never match. */
export function verifySignature(request: RawRequest, secrets: string[]): Verified {
  const id = request.headers['webhook-id'];
  const timestamp = request.headers['webhook-timestamp'];
  const signature = request.headers['webhook-signature'];
  if (!id || !timestamp || !signature) return refused('signature-missing');
  // A dot in the id would let parts of it pass for the timestamp.
  if (id.length > 255 || id.includes('.') || !/^\d{1,12}$/.test(timestamp)) return refused('signature-malformed');
  const sentAt = Number(timestamp) * 1000;
  if (Math.abs(request.receivedAt - sentAt) > REPLAY_WINDOW_MS) return refused('signature-stale');
  // The library signs text. Only bytes that are UTF-8 come back from text unchanged, and JSON is UTF-8.
  if (!isUtf8(request.body)) return refused('signature-wrong');
  const body = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
  const given = signature.split(' ', MOST_SIGNATURES);
  const expected = secrets.flatMap((secret) => signWith(secret, id, sentAt, body) ?? []);
  const matches = expected.flatMap((one) => given.map((other) => sameText(one, other)));
  return matches.includes(true) ? { ok: true } : refused('signature-wrong');
}

const MOST_SIGNATURES = 10;

/** Headers of an outgoing call; null where no secret is usable. `id` is the idempotency key and has no dot. */
export function signedHeaders(id: string, at: number, body: string, secrets: string[]): Record<string, string> | null {
  if (id === '' || id.includes('.')) throw new Error('A webhook id must not be empty or hold a dot');
  const signatures = secrets.flatMap((secret) => signWith(secret, id, at, body) ?? []);
  if (signatures.length === 0) return null;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': signatures.join(' '),
  };
}

function signWith(secret: string, id: string, at: number, body: string | Buffer): string | null {
  try {
    return new Webhook(secret).sign(id, new Date(at), body);
  } catch {
    return null;
  }
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function refused(code: string): Verified {
  return { ok: false, status: 401, code };
}
