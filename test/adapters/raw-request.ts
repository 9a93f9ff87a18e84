import { Webhook } from 'standardwebhooks';
import type { RawRequest } from '../../adapters/contract/call.ts';

/** The tests' clock: verification compares with the time of arrival, never with the machine's. */
export const now = Date.parse('2026-11-22T10:00:00.000Z');

export function rawRequest(body: string | Uint8Array, headers: RawRequest['headers'] = {}): RawRequest {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return { method: 'POST', headers, query: {}, body: bytes, receivedAt: now };
}

/** Signed as an outside system would: with the library itself. */
export function signedRequest(body: string, secret: string, options: { id?: string; at?: number } = {}): RawRequest {
  const { id = 'msg_1', at = now } = options;
  return rawRequest(body, {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(at), body),
  });
}
