/**
 * The token with which a bot answers a turn later: it is good for this turn of this account and for nothing else, and
 * nothing has to be stored for it. Pure; who hands tokens out and who checks them share the key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export function signReplyToken(key: Uint8Array | string, accountId: string, turnId: string): string {
  return digest(key, accountId, turnId).toString('base64url');
}

/** In constant time, whatever the token's length. */
export function verifyReplyToken(key: Uint8Array | string, accountId: string, turnId: string, token: string): boolean {
  const given = Buffer.from(token, 'base64url');
  const wanted = digest(key, accountId, turnId);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function digest(key: Uint8Array | string, accountId: string, turnId: string): Buffer {
  return createHmac('sha256', key).update(`bot-reply\n${accountId}\n${turnId}`).digest();
}
