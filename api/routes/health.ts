/** For orchestrators: is the process alive, and should it get requests. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isRestoreUnattended } from '../../store/generation.ts';
import { whyUnreachable } from '../../store/reachable.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { retryAfterSeconds } from '../errors.ts';
import { problemSchema } from '../problem.ts';
import type { App } from '../typed-app.ts';

const tags = ['Health'];

const facts = z.record(z.string(), z.string());
const readiness = z.object({
  ready: z.boolean(),
  reasons: facts.describe('Why not; empty: ready.'),
  degraded: facts.describe('What doesn’t work as it should, while requests are still welcome.'),
});

export function healthRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    tellLiveness(app);
    tellReadiness(app, deps);
  };
}

function tellLiveness(app: App): void {
  app.get(
    '/livez',
    {
      config: { scope: 'public', rateLimit: false },
      schema: {
        tags,
        summary: 'Is the process alive',
        description:
          'For an orchestrator’s liveness probe: 200 as long as the process answers at all, also when it is ' +
          'overloaded or its database is away. Not limited in rate.',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );
}

function tellReadiness(app: App, { pool, backlog, temporalTrouble, draining }: ApiDependencies): void {
  app.get(
    '/readyz',
    {
      config: { scope: 'public', rateLimit: false },
      schema: {
        tags,
        summary: 'Should it get requests',
        description:
          'For probes: with 503, too, it is the facts that are answered, and a problem only where they can’t be had.',
        response: { 200: readiness, 503: z.union([readiness, problemSchema]) },
      },
    },
    async (_request, reply) => {
      const [postgres, temporal, restored] = await Promise.all([
        whyUnreachable(pool),
        temporalTrouble(),
        isRestoreUnattended(pool).catch(() => false), // where Postgres is away, that is what is said
      ]);
      const reasons = {
        ...(draining?.hasBegun && { api: 'draining' }),
        ...(postgres !== null && { postgres }),
      };
      const ready = Object.keys(reasons).length === 0;
      if (!ready) reply.code(503).header('retry-after', String(retryAfterSeconds));
      return reply.send({
        ready,
        reasons,
        // What is written meanwhile is kept, and reaches its actor later.
        degraded: {
          ...(backlog.isFull() && { backlog: 'full' }),
          ...(temporal !== null && { temporal }),
          ...(restored && { restored: 'say `baton restored`' }),
        },
      });
    },
  );
}
