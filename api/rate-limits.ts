/**
 * Requests per minute: of a key or agent where one is known, of an outside system's address for each account, else of an address. Counted in memory, so each process of a
 * fleet counts for itself; what all processes must share are the rates of outside systems, and those stand in Postgres.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { validate as isUuid } from 'uuid';
import type { ApiConfig } from './config.ts';
import { Problem } from './problem.ts';
import { SteadyCounts } from './steady-counts.ts';

const timeWindow = 60_000;
/** All webhooks of a network come from a few addresses. */
const ofSystemFactor = 40;

export async function limitRates(app: FastifyInstance, config: ApiConfig): Promise<void> {
  const { ratePerKey, ratePerAddress } = config;
  let strays: Strays | null = null;
  await app.register(rateLimit, {
    // After authentication, which is a hook of the app and so runs before those of a route.
    hook: 'onRequest',
    timeWindow,
    cache: 20_000,
    store: SteadyCounts,
    keyGenerator: (request) => keyOf(request, strays),
    max: (_request, key) => {
      if (key.startsWith('principal:')) return ratePerKey;
      return key.startsWith('system:') ? ratePerAddress * ofSystemFactor : ratePerAddress;
    },
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
  });
  strays = countStrays(app, config);
}

async function keyOf(request: FastifyRequest, strays: Strays | null): Promise<string> {
  const { signedIn, ip } = request;
  if (signedIn !== null) return `principal:${signedIn.id}`;
  const accountId = systemsAccount(request);
  if (accountId === null) return `address:${ip}`;
  // One tenant's calls take nothing from another's, though one network sends both from one address.
  const isTenants = isUuid(accountId) && (await strays?.areFew(request)) === true;
  return isTenants ? `system:${ip}:${accountId}` : `system:${ip}`;
}

/** A public route that names an account is an outside system's. */
function systemsAccount({ signedIn, params }: FastifyRequest): string | null {
  const { accountId } = (params ?? {}) as { accountId?: unknown };
  return signedIn === null && typeof accountId === 'string' ? accountId : null;
}

/** Calls to accounts that there are none of: whoever makes many up has one count for all of them. */
interface Strays {
  areFew(request: FastifyRequest): Promise<boolean>;
}

function countStrays(app: FastifyInstance, { ratePerAddress }: ApiConfig): Strays {
  const check = app.createRateLimit({ max: ratePerAddress, timeWindow, keyGenerator: ({ ip }) => `strays:${ip}` });
  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode === 404 && systemsAccount(request) !== null) await check(request);
  });
  return {
    async areFew(request) {
      const state = await check(request, { increment: false });
      return state.isAllowed || state.remaining > 0;
    },
  };
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
