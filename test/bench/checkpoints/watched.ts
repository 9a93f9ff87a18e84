/** What a piece of a worker's work costs those beside it: how long its process hears nothing, and how long the feed is held. */
import { setTimeout as pause } from 'node:timers/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Pool } from '../../../store/connection.ts';
import { round, type Figure } from '../figures.ts';

const lookMs = 20;

export async function watch(admin: Pool, work: () => Promise<unknown>): Promise<Figure[]> {
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  const before = process.memoryUsage().rss;
  // From its first write on a transaction keeps the feed from showing what is newer.
  const writing = new Map<string, number>();
  let [longestHold, highest, working] = [0, before, true];
  const looking = (async () => {
    while (working) {
      const { rows } = await admin.query<{ xid: string }>(
        'SELECT backend_xid::text AS xid FROM pg_stat_activity WHERE backend_xid IS NOT NULL',
      );
      for (const { xid } of rows) {
        const since = writing.get(xid) ?? performance.now();
        writing.set(xid, since);
        longestHold = Math.max(longestHold, performance.now() - since);
      }
      highest = Math.max(highest, process.memoryUsage().rss);
      await pause(lookMs);
    }
  })();
  stalls.enable();
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const used = process.cpuUsage(cpu);
  const took = performance.now() - startedAt;
  stalls.disable();
  working = false;
  await looking;
  return [
    { name: 'took', value: round(took), unit: 'ms' },
    { name: 'CPU of the worker', value: round((used.user + used.system) / 1_000), unit: 'ms' },
    { name: 'longest time in which the worker hears nothing', value: round(stalls.max / 1e6), unit: 'ms' },
    { name: 'longest time in which the feed is held', value: round(longestHold), unit: 'ms' },
    { name: 'memory of the worker, more than before', value: round((highest - before) / 2 ** 20), unit: 'MiB' },
  ];
}
