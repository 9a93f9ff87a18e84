/**
 * Requests per minute: per key or agent where one is known, else per address. Counted in memory, so each process of a
 * fleet counts for itself; what all processes must share are the rates of outside systems, and those stand in Postgres.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiConfig } from './config.ts';
import { Problem } from './problem.ts';

const timeWindow = 60_000;

export async function limitRates(app: FastifyInstance, { ratePerKey, ratePerAddress }: ApiConfig): Promise<void> {
  await app.register(rateLimit, {
    // After authentication, which is a hook of the app and so runs before those of a route.
    hook: 'onRequest',
    timeWindow,
    cache: 20_000,
    max: (request) => (request.signedIn === null ? ratePerAddress : ratePerKey),
    keyGenerator: (request) =>
      request.signedIn === null ? `address:${request.ip}` : `principal:${request.signedIn.id}`,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
}

const tooMany = (ttlMs: number): Problem =>
  new Problem('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil(ttlMs / 1_000)) });

export interface FailureLimit {
  /** Throws once an address has failed too often: what it brings next isn't even looked up. */
  requireFew(request: FastifyRequest): Promise<void>;
  count(request: FastifyRequest): Promise<void>;
}

/** Of keys and tokens that nobody knows, per address. After `limitRates`. */
export function createFailureLimit(app: FastifyInstance, { ratePerAddress }: ApiConfig): FailureLimit {
  const check = app.createRateLimit({ max: ratePerAddress, timeWindow, keyGenerator: ({ ip }) => `failures:${ip}` });
  return {
    async requireFew(request) {
      const state = await check(request, { increment: false });
      if (!state.isAllowed && state.remaining === 0) {
        throw tooMany(state.ttl);
      }
    },
    async count(request) {
      await check(request);
    },
  };
}
