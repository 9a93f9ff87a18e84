/**
 * The API's process: HTTP in, and beside it a courier that hands on what was stored. On SIGTERM it says that it leaves, goes on
 * until nobody sends it requests any more, takes nothing new, finishes what it has begun, and is gone; what still waits is
 * handed on by another process, or by the next start.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { bots } from '../adapters/bots/registry.ts';
import { channels } from '../adapters/channels/registry.ts';
import { desks } from '../adapters/desks/registry.ts';
import { createCommandClient } from '../courier/commands.ts';
import { connect } from '../courier/connection.ts';
import { type Courier, type CourierStats, startCourier } from '../courier/courier.ts';
import { startClock } from '../process/clock.ts';
import { describeError } from '../process/failures.ts';
import { startTracing } from '../process/tracing.ts';
import { createBacklogGauge } from '../store/backlog.ts';
import { readClock } from '../store/clock.ts';
import { createPool } from '../store/connection.ts';
import { buildApp } from './app.ts';
import { type ProcessConfig, readConfig } from './config.ts';
import type { ProcessGauge } from './dependencies.ts';
import { createDraining } from './draining.ts';
import { createLogger } from './logging.ts';

/** Whatever still runs so long after it takes nothing new is cut off. */
const finishMs = 20_000;

async function main(config: ProcessConfig): Promise<void> {
  const logger = createLogger(config.logLevel);
  const tracing = await startTracing(process.env, 'baton-api', logger);
  const pool = createPool({ url: config.databaseUrl, max: config.databaseConnections, name: 'baton-api' });
  const clock = startClock({ ask: () => readClock(pool), logger });
  const concurrency = availableParallelism();
  const courierPool = createPool({ url: config.courierDatabaseUrl, max: concurrency + 3, name: 'baton-courier' });
  const temporal = connect(config.temporal);
  const actors = { client: temporal.client, taskQueue: config.temporal.taskQueue };
  const courierLogger = logger.child({ part: 'courier' });
  const courier = startCourier({
    pool: courierPool,
    ...actors,
    logger: courierLogger,
    concurrency,
    clock: clock.now,
  });
  const draining = createDraining();
  const app = await buildApp({
    config: config.api,
    pool,
    commands: createCommandClient(actors),
    backlog: createBacklogGauge({
      pool,
      limit: config.backlogLimit,
      failed: (error) => logger.warn({ err: describeError(error) }, 'backlog not read'),
    }),
    temporalTrouble: temporal.trouble,
    draining,
    logger,
    channels,
    bots,
    desks,
    clock: clock.now,
    gauges: courierGauges(courier),
  });
  onceAskedToLeave(logger, config.drainMs + finishMs, async (signal) => {
    draining.begin();
    // At a terminal nobody else is to be found.
    if (signal === 'SIGTERM') await pause(config.drainMs);
    await app.close();
    await Promise.all([courier.stop(), clock.stop()]);
    await Promise.allSettled([temporal.close(), courierPool.end(), pool.end(), tracing.stop()]);
    logger.info('api has stopped');
  });
  await clock.asked;
  await app.listen({ host: config.host, port: config.port });
}

function courierGauges(courier: Courier): ProcessGauge[] {
  const gauge = (name: string, help: string, count: keyof CourierStats): ProcessGauge => ({
    name,
    help,
    read: () => courier.stats()[count],
  });
  return [
    gauge('baton_courier_batches', 'Batches handed to actors by this process.', 'batches'),
    gauge('baton_courier_rows', 'Inbox rows handed to actors by this process.', 'rows'),
    gauge('baton_courier_failures', 'Batches that could not be handed over, and wait.', 'failures'),
    gauge('baton_courier_woken', 'Overdue actors that were started, or found running.', 'woken'),
  ];
}

/** Asked again, nothing changes: a terminal and npm both pass Ctrl-C on. It is gone after `goneMs`, whatever holds it. */
function onceAskedToLeave(logger: Logger, goneMs: number, leave: (signal: NodeJS.Signals) => Promise<void>): void {
  let leaving: Promise<void> | null = null;
  const begin = async (signal: NodeJS.Signals): Promise<void> => {
    logger.info('api leaves: it is not ready any more, and finishes what is out');
    setTimeout(() => process.exit(1), goneMs).unref();
    await leave(signal);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      leaving ??= begin(signal).catch((error: unknown) => {
        logger.error({ err: error }, 'api did not stop in order');
        process.exit(1);
      });
    });
  }
}

await main(readConfig(process.env));
