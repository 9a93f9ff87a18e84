/** What a worker tells Prometheus. Names and counts only; no account, no conversation. */
import { Counter, Registry, collectDefaultMetrics } from 'prom-client';

export interface WorkerMetrics {
  registry: Registry;
  /** By activity and by class: an activity that failed and will be tried again. */
  activityFailures: Counter<'activity' | 'failure'>;
  /** By type of adapter and by class: code of ours that has to be mended. */
  adapterBugs: Counter<'adapter' | 'failure'>;
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
  const adapterBugs = new Counter({
    name: 'baton_adapter_bugs_total',
    help: 'Adapters that threw instead of answering, by class. Any is a bug to be mended.',
    labelNames: ['adapter', 'failure'],
    registers: [registry],
  });
  return { registry, activityFailures, adapterBugs };
}
