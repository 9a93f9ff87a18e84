/**
 * Requests per minute: of a key or agent where one is known, else of an address. Counted in memory, so each process of a
 * fleet counts for itself; what all processes must share are the rates of outside systems, and those stand in Postgres.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiConfig } from './config.ts';
import { Problem } from './problem.ts';

const timeWindow = 60_000;
/** All webhooks of a network come from a few addresses. */
const ofSystemFactor = 40;

export async function limitRates(app: FastifyInstance, config: ApiConfig): Promise<void> {
  await app.register(rateLimit, {
    // After authentication, which is a hook of the app and so runs before those of a route.
    hook: 'onRequest',
    timeWindow,
    cache: 20_000,
    keyGenerator: (request) => countedAs(request, config).key,
    max: (request) => countedAs(request, config).max,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
}

function countedAs(request: FastifyRequest, config: ApiConfig): { key: string; max: number } {
  const { signedIn, ip, params } = request;
  if (signedIn !== null) {
    return { key: `principal:${signedIn.id}`, max: config.ratePerKey };
  }
  // A public route that names an account is an outside system's.
  const ofSystem = typeof params === 'object' && params !== null && 'accountId' in params;
  return ofSystem
    ? { key: `system:${ip}`, max: config.ratePerAddress * ofSystemFactor }
    : { key: `address:${ip}`, max: config.ratePerAddress };
}

const tooMany = (ttlMs: number): Problem =>
  new Problem('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil(ttlMs / 1_000)) });

interface FailureLimit {
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
