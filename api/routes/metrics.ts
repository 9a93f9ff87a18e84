/** Prometheus asks here. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { bearerOf } from '../auth.ts';
import type { ApiConfig } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import { Problem } from '../problem.ts';
import { sameSecret } from '../tokens.ts';

export function metricsRoutes(metrics: Metrics, { metricsKey }: ApiConfig): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/metrics',
      {
        config: { scope: 'metrics', rateLimit: false },
        schema: {
          tags: ['Health'],
          summary: 'Metrics of this process, for Prometheus',
          description: 'Where `BATON_METRICS_KEY` is set, it is the bearer.',
          response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } } },
        },
      },
      async (request, reply) => {
        if (metricsKey !== undefined && !sameSecret(bearerOf(request), metricsKey)) {
          throw new Problem('unauthenticated');
        }
        return reply
          .type(metrics.contentType)
          .serializer(String)
          .send(await metrics.render());
      },
    );
  };
}
