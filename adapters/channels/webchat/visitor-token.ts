import { z } from 'zod';
import { rereadJson } from '../../json.ts';
import { externalId, optionalText, present } from '../../words.ts';

/**
 * Who a site says its visitor is: a JWT (HS256) under a secret of the channel, made by the site's own backend. The API
 * checks the signature with its JWT library; these are the rules for what was signed. A token lives for an hour at most,
 * so that one that leaked is not valid for ever.
 */
export function readVisitor(
  claims: unknown,
  now: number,
): { ok: true; visitor: Visitor } | { ok: false; code: VisitorRefusal } {
  const json = rereadJson(claims);
  const read = signed.safeParse(json.ok ? json.value : null);
  if (!read.success) return { ok: false, code: 'visitor-token-unreadable' };
  const { sub, exp, name, email, phone } = read.data;
  const expiresAt = exp * 1000;
  if (expiresAt <= now) return { ok: false, code: 'visitor-token-expired' };
  if (expiresAt - now > MAX_LIFE_MS + CLOCK_SKEW_MS) return { ok: false, code: 'visitor-token-too-long' };
  const [emails, phones] = [email, phone].map((one) => (one === undefined ? undefined : [one]));
  return { ok: true, visitor: present({ externalId: sub, name, emails, phones }) };
}

export type VisitorRefusal = 'visitor-token-unreadable' | 'visitor-token-expired' | 'visitor-token-too-long';

/** A contact's external id, and what the site vouches for. */
export interface Visitor {
  externalId: string;
  name?: string;
  emails?: string[];
  phones?: string[];
}

const MAX_LIFE_MS = 3_600_000;
const CLOCK_SKEW_MS = 60_000;

const signed = z.object({
  sub: externalId,
  exp: z.number().positive(),
  name: optionalText(255),
  email: optionalText(320),
  phone: optionalText(64),
});
