/**
 * The API's process: HTTP in, and beside it a courier that hands on what was stored. On SIGTERM it takes nothing new,
 * finishes what it has begun, and leaves; what still waits is handed on by another process, or by the next start.
 */
import { availableParallelism } from 'node:os';
import { bots } from '../adapters/bots/registry.ts';
import { channels } from '../adapters/channels/registry.ts';
import { desks } from '../adapters/desks/registry.ts';
import { createCommandClient } from '../courier/commands.ts';
import { connect } from '../courier/connection.ts';
import { startCourier } from '../courier/courier.ts';
import { describeError } from '../process/failures.ts';
import { startTracing } from '../process/tracing.ts';
import { createBacklogGauge } from '../store/backlog.ts';
import { createPool } from '../store/connection.ts';
import { buildApp } from './app.ts';
import { type ProcessConfig, readConfig } from './config.ts';
import { createLogger } from './logging.ts';

/** Whatever still runs after this long on the way out is cut off; orchestrators kill after 30 s. */
const drainMs = 25_000;

async function main(config: ProcessConfig): Promise<void> {
  const logger = createLogger(config.logLevel);
  const tracing = await startTracing(process.env, 'baton-api', logger);
  const { taskQueue } = config.temporal;
  const pool = createPool({ url: config.databaseUrl, max: config.databaseConnections, name: 'baton-api' });
  const concurrency = availableParallelism();
  const courierPool = createPool({ url: config.courierDatabaseUrl, max: concurrency + 3, name: 'baton-courier' });
  const temporal = connect(config.temporal);
  const { client } = temporal;
  const courier = startCourier({
    pool: courierPool,
    client,
    taskQueue,
    logger: logger.child({ part: 'courier' }),
    concurrency,
  });
  const backlog = createBacklogGauge({
    pool,
    limit: config.backlogLimit,
    failed: (error) => logger.warn({ err: describeError(error) }, 'backlog not read'),
  });
  const app = await buildApp({
    config: config.api,
    pool,
    commands: createCommandClient({ client, taskQueue }),
    backlog,
    temporalTrouble: temporal.trouble,
    logger,
    channels,
    bots,
    desks,
    clock: Date.now,
    gauges: [
      {
        name: 'baton_courier_batches',
        help: 'Batches handed to actors by this process.',
        read: () => courier.stats().batches,
      },
      {
        name: 'baton_courier_rows',
        help: 'Inbox rows handed to actors by this process.',
        read: () => courier.stats().rows,
      },
      {
        name: 'baton_courier_failures',
        help: 'Batches that could not be handed over, and wait.',
        read: () => courier.stats().failures,
      },
      {
        name: 'baton_courier_woken',
        help: 'Overdue actors that were started, or found running.',
        read: () => courier.stats().woken,
      },
    ],
  });

  const leave = async (): Promise<void> => {
    setTimeout(() => process.exit(1), drainMs).unref();
    await app.close();
    await courier.stop();
    await Promise.allSettled([temporal.close(), courierPool.end(), pool.end(), tracing.stop()]);
    logger.info('api has stopped');
  };
  let leaving: Promise<void> | null = null;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Asked again, nothing changes: a terminal and npm both pass Ctrl-C on.
    process.on(signal, () => {
      leaving ??= leave().catch((error: unknown) => {
        logger.error({ err: error }, 'api did not stop in order');
        process.exit(1);
      });
    });
  }
  await app.listen({ host: config.host, port: config.port });
}

await main(readConfig(process.env));
