/**
 * Prometheus metrics: of this process, and what operators watch of the whole (vital-signs.ts). Labels are routes, methods
 * and classes of status; nothing of an account.
 */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Pool } from '../store/connection.ts';
import { readVitalSigns } from '../store/vital-signs.ts';
import type { ApiDependencies, ProcessGauge } from './dependencies.ts';
import { watchVitalSigns } from './vital-signs.ts';

export interface Metrics {
  contentType: string;
  render(): Promise<string>;
}

type MeasuredParts = Pick<ApiDependencies, 'pool' | 'clock' | 'gauges'>;

export function measure(app: FastifyInstance, { pool, clock, gauges = [] }: MeasuredParts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  timeRequests(app, registry);
  countConnections(registry, pool);
  for (const gauge of gauges) showGauge(registry, gauge);
  const look = watchVitalSigns(registry, () => readVitalSigns(pool, clock()));
  app.addHook('onClose', async () => registry.clear());
  return {
    contentType: registry.contentType,
    async render() {
      await look();
      return registry.metrics();
    },
  };
}

function timeRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'baton_http_request_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    duration.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
  });
}

function countConnections(registry: Registry, pool: Pool): void {
  new Gauge({
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
}

function showGauge(registry: Registry, { name, help, read }: ProcessGauge): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
