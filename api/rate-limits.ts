/**
 * Requests per minute: per key or agent where one is known, else per address. Counted in memory, so each process of a
 * fleet counts for itself; what all processes must share are the rates of outside systems, and those stand in Postgres.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import type { ApiConfig } from './config.ts';
import { Problem } from './problem.ts';

export async function limitRates(app: FastifyInstance, { ratePerKey, ratePerAddress }: ApiConfig): Promise<void> {
  await app.register(rateLimit, {
    // After authentication, which is a hook of the app and so runs before those of a route.
    hook: 'onRequest',
    timeWindow: 60_000,
    cache: 20_000,
    max: (request) => (request.signedIn === null ? ratePerAddress : ratePerKey),
    keyGenerator: (request) =>
      request.signedIn === null ? `address:${request.ip}` : `principal:${request.signedIn.id}`,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) =>
      new Problem('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1_000)) }),
  });
}
