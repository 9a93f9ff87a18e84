/**
 * Prometheus metrics: of this process, and what operators watch of the whole (vital-signs.ts). Labels are routes, methods
 * and classes of status; nothing of an account.
 */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { readVitalSigns } from '../store/vital-signs.ts';
import type { ApiDependencies } from './dependencies.ts';
import { watchVitalSigns } from './vital-signs.ts';

export interface Metrics {
  contentType: string;
  render(): Promise<string>;
}

type MeasuredParts = Pick<ApiDependencies, 'pool' | 'clock' | 'gauges'>;

export function measure(app: FastifyInstance, { pool, clock, gauges = [] }: MeasuredParts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'baton_http_request_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const connections = new Gauge({
    name: 'baton_api_postgres_connections',
    help: 'Connections of the API’s pool: all, idle, and requests that wait for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'total' }, pool.totalCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
  for (const { name, help, read } of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
  const look = watchVitalSigns(registry, () => readVitalSigns(pool, clock()));
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    duration.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
  });
  app.addHook('onClose', async () => {
    connections.reset();
    registry.clear();
  });
  return {
    contentType: registry.contentType,
    async render() {
      await look();
      return registry.metrics();
    },
  };
}
