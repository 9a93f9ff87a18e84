/**
 * The worker's process: conversations and their activities, until SIGTERM; then it finishes what is out and leaves. It
 * comes up, and says what it lacks, also while Temporal or Postgres is away.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Worker } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import type { Activities } from '../activities/contract.ts';
import { bots } from '../adapters/bots/registry.ts';
import { channels } from '../adapters/channels/registry.ts';
import { desks } from '../adapters/desks/registry.ts';
import { connect } from '../courier/connection.ts';
import { createFetchHistory } from '../courier/history.ts';
import { startClock } from '../process/clock.ts';
import { startTracing } from '../process/tracing.ts';
import { readClock } from '../store/clock.ts';
import { createPool } from '../store/connection.ts';
import { goneMs } from '../workflows/conversation/attempt-limits.ts';
import { reportAdapterBugs } from './adapter-bugs.ts';
import { createActivities } from './activities.ts';
import { buildBundle } from './bundle.ts';
import { startCheckpoints } from './checkpoint-sweep.ts';
import { readConfig, type WorkerConfig } from './config.ts';
import { connectOnceThere } from './connection.ts';
import { createWorkerOn, type RunningWorker } from './create.ts';
import { startExportSweep } from './export-sweep.ts';
import { startClosingSweep } from './closing-sweep.ts';
import { startPresenceSweep } from './presence-sweep.ts';
import { serveHealth } from './health.ts';
import { createMetrics } from './metrics.ts';
import { createOutside } from './outside.ts';
import { reasonsAgainst } from './readiness.ts';
import { useLogger } from './runtime.ts';
import { waitingFor } from './start-up.ts';
import { stopSignal } from './stop-signal.ts';

async function main(config: WorkerConfig, logger: Logger): Promise<void> {
  useLogger(logger, config.BATON_TEMPORAL_METRICS);
  const tracing = await startTracing(process.env, 'baton-worker', logger);
  const stopping = stopSignal(logger, goneMs);
  const parts = openParts(config, logger);
  let running: RunningWorker | null = null;
  const { server: health, port } = await serveHealth({
    host: config.HOST,
    port: config.PORT,
    registry: parts.metrics.registry,
    reasons: () => reasonsAgainst(parts.pool, running),
  });
  logger.info({ port }, 'worker starts');
  const sweeping = { pool: parts.pool, clock: parts.clock.now, logger };
  const sweeps = [
    startExportSweep({ ...parts, ...sweeping }),
    startPresenceSweep(sweeping),
    startClosingSweep(sweeping),
    ...startCheckpoints(config.BATON_CHECKPOINT_KEY, sweeping),
  ];
  try {
    running = await startWorker(config, parts, logger, stopping);
    if (running !== null) await runUntil(stopping, running.worker);
  } finally {
    health.close();
    await Promise.all(sweeps.map((sweep) => sweep.stop()));
    await Promise.allSettled([running?.connection.close(), parts.close(), tracing.stop()]);
    logger.info('worker has stopped');
  }
}

type Parts = ReturnType<typeof openParts>;

/** What is there from the start; none of it waits for whom it leads to. */
function openParts(config: WorkerConfig, logger: Logger) {
  const metrics = createMetrics();
  const pool = createPool({ url: config.BATON_DATABASE_URL, max: config.BATON_DATABASE_POOL, name: 'baton-worker' });
  const clock = startClock({ ask: () => readClock(pool), logger });
  const temporal = connect(config.temporal);
  const http = createOutside({ publicOnly: config.BATON_PUBLIC_ADDRESSES_ONLY === 'true' });
  return {
    metrics,
    pool,
    http,
    clock,
    fetchHistory: createFetchHistory(temporal.client),
    onAdapterBug: reportAdapterBugs(logger, metrics),
    async close() {
      await clock.stop();
      await Promise.allSettled([temporal.close(), pool.end(), http.close()]);
    },
  };
}

/** null: asked to leave before Temporal was there. */
async function startWorker(
  config: WorkerConfig,
  parts: Parts,
  logger: Logger,
  stopping: AbortSignal,
): Promise<RunningWorker | null> {
  const bundle = await waitingFor('its workflows', logger, bundleOf(config));
  await waitingFor('the database’s time', logger, parts.clock.asked);
  const connecting = connectOnceThere(config.temporal, logger, stopping);
  const connection = await waitingFor('temporal', logger, connecting);
  if (connection === null) return null;
  const creating = createWorkerOn(connection, {
    namespace: config.temporal.namespace,
    taskQueue: config.BATON_TASK_QUEUE,
    activities: activitiesOf(config, parts),
    bundle,
    build: config.BATON_BUILD,
    deployment: config.BATON_DEPLOYMENT,
    cachedWorkflows: config.BATON_CACHED_WORKFLOWS,
    logger,
    metrics: parts.metrics,
  });
  const running = await waitingFor('its namespace, and threads for its workflows', logger, creating);
  logger.info({ build: config.BATON_BUILD, taskQueue: config.BATON_TASK_QUEUE }, 'worker runs');
  return running;
}

function activitiesOf(config: WorkerConfig, { pool, http, clock, fetchHistory, onAdapterBug }: Parts): Activities {
  return createActivities({
    pool,
    http,
    fetchHistory,
    onAdapterBug,
    channels,
    bots,
    desks,
    publicUrl: config.BATON_PUBLIC_URL,
    tokenKey: config.BATON_TOKEN_KEY[0],
    clock: clock.now,
    build: config.BATON_BUILD,
  });
}

/** Built before (production, so that a worker is up within seconds), or now. */
async function bundleOf({ BATON_WORKFLOW_BUNDLE: path }: WorkerConfig): Promise<{ code: string }> {
  return path === undefined ? buildBundle() : { code: readFileSync(path, 'utf8') };
}

async function runUntil(stopping: AbortSignal, worker: Worker): Promise<void> {
  const run = worker.run();
  const leave = (): void => worker.shutdown();
  if (stopping.aborted) leave();
  else stopping.addEventListener('abort', leave, { once: true });
  // A worker that failed is none to shut down.
  await run.finally(() => stopping.removeEventListener('abort', leave));
}

/** Said in words, without a stack: whoever starts a worker reads this. */
function unusable(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : 'The settings are not usable.'}\n`);
  process.exit(1);
}

function settings(): WorkerConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    return unusable(error);
  }
}

const config = settings();
await main(config, pino({ name: 'worker', level: config.BATON_LOG_LEVEL, base: { host: hostname() } }));
// Everything is closed; but an attempt to connect that the SDK still makes would hold the process for half a minute.
process.exit();
