/**
 * What operators watch, as Prometheus sees it. The numbers are the whole installation's, read from Postgres when somebody
 * asks; every API process tells the same, so alert on one of them (`max`). While Postgres is away they are not there.
 */
import { Gauge, type Registry } from 'prom-client';
import type { VitalSigns } from '../store/vital-signs.ts';

/** What each means, and when to worry. */
const gauges: Record<keyof VitalSigns, { name: string; help: string }> = {
  inboxBacklog: {
    name: 'baton_inbox_backlog',
    help: 'Inbox rows that are stored and not decided on. Rises while Temporal or all workers are away, or slow; past BATON_BACKLOG_LIMIT webhooks get 503.',
  },
  feedHeldRows: {
    name: 'baton_feed_held_rows',
    help: 'Committed rows that the feed can not show yet, because an older transaction is still running on the Postgres server. Databases beside ours on it count.',
  },
  feedLagSeconds: {
    name: 'baton_feed_lag_seconds',
    help: 'Age of the oldest row that the feed can not show yet. Below a second is usual. Above 10: a transaction that is none of ours (those end by then) holds back what agents see; find it by the oldest backend_xid in pg_stat_activity, and among pg_prepared_xacts.',
  },
  dueActors: {
    name: 'baton_due_actors',
    help: 'Conversations whose next deadline or work was due 5 s ago. Other than 0 for more than a minute: no worker takes them, or no courier sweeps.',
  },
  overdueSeconds: {
    name: 'baton_overdue_seconds',
    help: 'For how long the most overdue conversation has been due.',
  },
  queueEntries: { name: 'baton_queue_entries', help: 'Conversations that wait for a person or a desk.' },
  queueWaitSeconds: { name: 'baton_queue_wait_seconds', help: 'Since when the customer waits who has waited longest.' },
  deadLetters: {
    name: 'baton_dead_letters',
    help: 'Messages that failed or whose fate nobody knows, and that nobody has sent again or given up; counted up to 10,000. Rising: a channel or desk is refused or gone, see /v1/dead-letters.',
  },
  parkedInputs: {
    name: 'baton_parked_inputs',
    help: 'Inputs that could not be read or decided on, and wait for somebody to resume them; counted up to 10,000. Rising: a network says something new, or a build has a bug.',
  },
  checkpointAgeSeconds: {
    name: 'baton_checkpoint_age_seconds',
    help: 'Since the full hour of the newest signed checkpoint, in the account that lags most; not there while nobody has ever signed one. Up to 3,700 is usual. Above 7,200: no worker with BATON_CHECKPOINT_KEY is up, or it says `checkpoint not made`.',
  },
};

/** Sets them anew with every call. */
export function watchVitalSigns(registry: Registry, read: () => Promise<VitalSigns>): () => Promise<void> {
  const registered = Object.entries(gauges).map(([sign, { name, help }]) => {
    return { sign: sign as keyof VitalSigns, gauge: new Gauge({ name, help, registers: [registry] }) };
  });
  return async () => {
    const signs = await read().catch(() => null);
    for (const { sign, gauge } of registered) {
      const value = signs?.[sign] ?? null;
      if (value === null) gauge.remove();
      else gauge.set(value);
    }
  };
}
