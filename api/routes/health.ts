/** For orchestrators: is the process alive, and should it get requests. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';

export function healthRoutes({ pool, backlog }: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/livez',
      {
        config: { scope: 'public', rateLimit: false },
        schema: {
          tags: ['Health'],
          summary: 'Is the process alive',
          response: { 200: z.object({ status: z.literal('ok') }) },
        },
      },
      async () => ({ status: 'ok' as const }),
    );

    const checks = z.object({
      ready: z.boolean(),
      reasons: z.record(z.string(), z.string()).describe('What stands in the way; empty: nothing.'),
    });
    app.get(
      '/readyz',
      {
        config: { scope: 'public', rateLimit: false },
        schema: { tags: ['Health'], summary: 'Should it get requests', response: { 200: checks, 503: checks } },
      },
      async (_request, reply) => {
        const reasons: Record<string, string> = {};
        await pool.query('SELECT 1').catch(() => (reasons['postgres'] = 'away'));
        if ((await backlog.overLimit()) !== null) {
          reasons['backlog'] = 'full';
        }
        const ready = Object.keys(reasons).length === 0;
        return reply.code(ready ? 200 : 503).send({ ready, reasons });
      },
    );
  };
}
