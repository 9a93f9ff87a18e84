/**
 * Secrets that the API gives out, and how it recognizes them. API keys and visitor tokens have 256 random bits, so a
 * plain SHA-256 of them is all that is stored: there is nothing to stretch.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const keyPattern = /^bk_[\w-]{43}$/;

export function newApiKey(): string {
  return `bk_${randomBytes(32).toString('base64url')}`;
}

export const isApiKey = (token: string): boolean => keyPattern.test(token);

export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A Standard Webhooks secret: `whsec_` and 256 random bits in base64. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** Takes the same time wherever the two differ, and whatever their lengths. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(hashToken(given), hashToken(expected));
}
