/** What a worker tells Prometheus. Names and counts only; no account, no conversation. */
import { Counter, Registry, collectDefaultMetrics } from 'prom-client';

export interface WorkerMetrics {
  registry: Registry;
  /** By activity and by class: an activity that failed and will be tried again. */
  activityFailures: Counter<'activity' | 'failure'>;
}

export function createMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const activityFailures = new Counter({
    name: 'baton_activity_failures_total',
    help: 'Activities that threw, by class. Postgres classes that keep rising: it is away or refuses.',
    labelNames: ['activity', 'failure'],
    registers: [registry],
  });
  return { registry, activityFailures };
}
