/**
 * Visitors of the web chat. A session is a token of 256 random bits, of which only the hash is kept; it is good for one
 * visitor of one channel, on pages that the channel allows, and sees that visitor's conversation and nothing else.
 */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { allowsOrigin, webchatSettings } from '../adapters/channels/webchat/settings.ts';
import { readVisitor, type VisitorRefusal } from '../adapters/channels/webchat/visitor-token.ts';
import { inAccount, type Transaction } from '../store/connection.ts';
import { type Endpoint, findEndpoint } from '../store/endpoints.ts';
import { findVisitorSession, type VisitorFacts, type VisitorSession } from '../store/visitors.ts';
import type { ApiDependencies } from './dependencies.ts';
import { notFound, Problem } from './problem.ts';
import { hashToken } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a widget's routes. */
    visitorSession: VisitorSession | null;
  }
}

/** A visitor who comes back on the same device within this time goes on with the same conversation. */
export const visitorSessionMs = 30 * 24 * 3_600_000;
/** Requests of one session: so many of reading, and so many of writing (typing and receipts among them). */
const perMinute = 240;

/** Before every route but the one that makes sessions. */
export function recognizeVisitors(app: FastifyInstance, deps: ApiDependencies): void {
  app.decorateRequest('visitorSession', null);
  const countOf = app.createRateLimit({
    max: Math.min(perMinute, deps.config.ratePerAddress),
    timeWindow: 60_000,
    keyGenerator: (request) => `visitor:${request.visitorSession?.id}`,
  });
  // Behind the limit of the address, and before anything of a body is read.
  app.addHook('preParsing', async (request) => {
    request.visitorSession = await sessionOf(request, deps);
    const count = await countOf(request);
    if (!count.isAllowed && count.isExceeded) {
      throw new Problem('rate-limited', { retryAfterSeconds: Math.max(1, count.ttlInSeconds) });
    }
  });
}

export function visitorOf({ visitorSession }: FastifyRequest): VisitorSession {
  if (visitorSession === null) throw new Error('This route does not recognize visitors.');
  return visitorSession;
}

export function inVisitorsAccount<T>(
  { pool }: ApiDependencies,
  request: FastifyRequest,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return inAccount(pool, visitorOf(request).accountId, work);
}

/** null: the token is unknown or its time is over. */
async function knownSession({ pool, clock }: ApiDependencies, request: FastifyRequest): Promise<VisitorSession | null> {
  const [, token] = /^Bearer (vt_[\w-]{43})$/i.exec(request.headers.authorization ?? '') ?? [];
  const session = token === undefined ? null : await findVisitorSession(pool, hashToken(token));
  return session === null || session.expiresAt.getTime() <= clock() ? null : session;
}

async function sessionOf(request: FastifyRequest, deps: ApiDependencies): Promise<VisitorSession> {
  const session = await knownSession(deps, request);
  if (session === null) {
    throw new Problem('unauthenticated', { detail: 'Send Authorization: Bearer, with the token of a session.' });
  }
  const { accountId, channelId } = session;
  const channel = await findEndpoint(deps.pool, 'channel', accountId, channelId);
  requireOrigin(deps, request, channel);
  return session;
}

/** Whoever follows is asked again from time to time: is the session still good, and the channel still there? */
export async function isAdmittedStill(deps: ApiDependencies, request: FastifyRequest): Promise<boolean> {
  try {
    await sessionOf(request, deps);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** 404 where there is no such web chat, 403 where the page is not one of its own. */
export function requireOrigin(
  { config }: ApiDependencies,
  { headers }: FastifyRequest,
  channel: Endpoint | null,
): asserts channel is Endpoint {
  if (channel?.type !== 'webchat') throw notFound('web chat');
  if (!allowsOrigin(channel.settings, headers.origin, new URL(config.publicUrl).origin)) {
    throw new Problem('forbidden', { detail: 'The channel does not allow the chat on pages of this origin.' });
  }
}

export interface ToldVisitor {
  jwt?: string | undefined;
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
}

/** Who it is: by the site's signature, else somebody new. What a page says without a signature is only said. */
export function identify(
  app: FastifyInstance,
  { clock }: ApiDependencies,
  { settings, secrets }: Endpoint,
  { jwt, name, email, phone }: ToldVisitor,
): Omit<VisitorFacts, 'pageUrl'> & { externalId: string; verified: boolean } {
  if (jwt !== undefined) {
    const read = readVisitor(claimsOf(app, jwt, secrets, clock()), clock());
    if (!read.ok) throw new Problem('forbidden', { detail: whyNot[read.code] });
    const { externalId, name: signed = null, emails = [], phones = [] } = read.visitor;
    return { externalId, name: signed, emails, phones, verified: true };
  }
  if (webchatSettings.safeParse(settings).data?.identityRequired === true) {
    throw new Problem('forbidden', { detail: 'The channel asks for visitors whom the site has signed in.' });
  }
  const facts = { emails: email === undefined ? [] : [email], phones: phone === undefined ? [] : [phone] };
  return { externalId: randomUUID(), name: name ?? null, ...facts, verified: false };
}

const whyNot: Record<VisitorRefusal, string> = {
  'visitor-token-unreadable': 'The visitor’s JWT is signed with no secret of the channel, or lacks `sub` or `exp`.',
  'visitor-token-expired': 'The visitor’s JWT has expired.',
  'visitor-token-too-long': 'The visitor’s JWT is good for more than an hour.',
};

/** null: signed with no secret of the channel. Whether its time is over is read with the rest. */
function claimsOf(app: FastifyInstance, token: string, secrets: readonly string[], now: number): unknown {
  for (const key of secrets) {
    try {
      return app.jwt.verify(token, { key, algorithms: ['HS256'], ignoreExpiration: true, clockTimestamp: now });
    } catch {
      // Not with this secret.
    }
  }
  return null;
}
