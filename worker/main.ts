/** The worker's process: conversations and their activities, until SIGTERM; then it finishes what is out and leaves. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import pino from 'pino';
import { Agent } from 'undici';
import { connect } from '../courier/connection.ts';
import { createFetchHistory } from '../courier/history.ts';
import { createPool } from '../store/connection.ts';
import { createActivities } from './activities.ts';
import { buildBundle } from './bundle.ts';
import { readConfig, type WorkerConfig } from './config.ts';
import { createWorker } from './create.ts';
import { startExportSweep } from './export-sweep.ts';
import { serveHealth } from './health.ts';
import { createMetrics } from './metrics.ts';
import { useLogger } from './runtime.ts';

async function main(config: WorkerConfig): Promise<void> {
  const logger = pino({ name: 'worker', level: config.BATON_LOG_LEVEL, base: { host: hostname() } });
  useLogger(logger);
  const metrics = createMetrics();
  const pool = createPool({ url: config.BATON_DATABASE_URL, max: config.BATON_DATABASE_POOL, name: 'baton-worker' });
  const temporal = await connect({ address: config.TEMPORAL_ADDRESS, namespace: config.TEMPORAL_NAMESPACE });
  const http = new Agent({ connections: 64 });
  const fetchHistory = createFetchHistory(temporal.client);
  const activities = createActivities({
    pool,
    http,
    publicUrl: config.BATON_PUBLIC_URL,
    tokenKey: config.BATON_TOKEN_KEY,
    clock: Date.now,
    build: config.BATON_BUILD,
    fetchHistory,
  });
  const { worker, connection } = await createWorker({
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    taskQueue: config.BATON_TASK_QUEUE,
    activities,
    bundle: await bundleOf(config),
    build: config.BATON_BUILD,
    cachedWorkflows: config.BATON_CACHED_WORKFLOWS,
    logger,
    metrics,
  });
  const health = await serveHealth({
    host: config.HOST,
    port: config.PORT,
    registry: metrics.registry,
    notReady: async () => {
      if (worker.getState() !== 'RUNNING') return `worker is ${worker.getState().toLowerCase()}`;
      return pool.query('SELECT 1').then(
        () => null,
        () => 'postgres is away',
      );
    },
  });
  const sweep = startExportSweep({ pool, fetchHistory, clock: Date.now, logger });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  logger.info({ build: config.BATON_BUILD, taskQueue: config.BATON_TASK_QUEUE }, 'worker runs');
  try {
    await worker.run();
  } finally {
    health.close();
    await sweep.stop();
    await Promise.allSettled([connection.close(), temporal.close(), pool.end(), http.close()]);
    logger.info('worker has stopped');
  }
}

/** Built before (production, so that a worker is up within seconds), or now. */
async function bundleOf({ BATON_WORKFLOW_BUNDLE: path }: WorkerConfig): Promise<{ code: string }> {
  return path === undefined ? buildBundle() : { code: readFileSync(path, 'utf8') };
}

await main(readConfig(process.env));
