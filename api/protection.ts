/** What shields the process from more than it can take, and browsers from pages that misuse it. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import type { ApiConfig } from './config.ts';
import { Problem } from './problem.ts';

export async function refuseUnderPressure(
  app: FastifyInstance,
  { maxEventLoopDelayMs }: Pick<ApiConfig, 'maxEventLoopDelayMs'>,
): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: maxEventLoopDelayMs,
    // Whoever asks whether the process is alive gets an answer: restarting it would only move the load.
    pressureHandler: async ({ routeOptions }) => {
      if (routeOptions.url !== '/livez' && routeOptions.url !== '/metrics') {
        throw new Problem('overloaded', { retryAfterSeconds: 5 });
      }
    },
  });
}

export async function setSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
}

export async function allowOrigins(
  app: FastifyInstance,
  { corsOrigins }: Pick<ApiConfig, 'corsOrigins'>,
): Promise<void> {
  await app.register(cors, {
    origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['x-request-id', 'retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
    maxAge: 3_600,
    strictPreflight: false,
  });
}
