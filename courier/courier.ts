/**
 * Hands conversations' inbox rows to their actors, in order, a batch at a time. It runs right after a commit (`NOTIFY`)
 * and sweeps what a crash or an outage left, so every stored row reaches its actor. Any number of couriers may run.
 */
import { availableParallelism } from 'node:os';
import type { WorkflowClient } from '@temporalio/client';
import type { Logger } from 'pino';
import { failureOf } from '../process/failures.ts';
import { inSpan, spanIdsOf } from '../process/spans.ts';
import { startSweep, type Sweep } from '../process/sweep.ts';
import type { Pool } from '../store/connection.ts';
import { listen } from '../store/listen.ts';
import type { Mail } from '../store/mailboxes.ts';
import { forgetOutcomes } from '../store/idempotency.ts';
import { inboxSignal, workflowType, type ActorId, type InboxBatch } from '../workflows/conversation/messages.ts';
import { startLanes, type LaneStats } from './lanes.ts';
import { startOptions } from './start.ts';
import { createWakeSweep } from './wake-sweep.ts';

export interface CourierOptions {
  /** Logs in as the courier's role; `concurrency` + 3 connections are used, one of them to listen. */
  pool: Pool;
  client: WorkflowClient;
  taskQueue: string;
  logger: Logger;
  /** Batches on their way at once. More than cores makes it slower. */
  concurrency?: number;
  /** Rows of a batch at most. */
  batch?: number;
  /** epoch ms */
  clock?: () => number;
}

export interface CourierStats extends LaneStats {
  /** Overdue actors that were started, or found running. */
  woken: number;
}

export interface Courier {
  /** Resolves when it hears of new rows; before, the sweep finds them. */
  ready: Promise<void>;
  /** Finishes what is on its way; what waits stays for others, or for the next start. */
  stop(): Promise<void>;
  stats(): CourierStats;
}

/** Past this, a call to Temporal has failed; its repeats are within it. */
const callMs = 8_000;
/** What a courier had in hand that died waits as long. Shorter than a call may take: then a batch is sent twice. */
const leaseMs = 5_000;
const sweepMs = 1_000;
const forgetMs = 60_000;
const outcomesKeptMs = 24 * 60 * 60_000;

export function startCourier(options: CourierOptions): Courier {
  const { pool, client, taskQueue, logger, clock = Date.now, batch = 200 } = options;
  const count = options.concurrency ?? availableParallelism();

  const handOver = async (mail: Mail): Promise<void> => {
    const [first] = mail.rows;
    if (!first) return;
    const content: InboxBatch = { from: first.seq, rows: mail.rows };
    const attributes = { ...spanIdsOf(mail), 'baton.rows': mail.rows.length };
    await inSpan('courier batch', attributes, () =>
      client.withDeadline(Date.now() + callMs, () =>
        client.signalWithStart(workflowType, {
          ...startOptions(mail, taskQueue),
          signal: inboxSignal,
          signalArgs: [content],
        }),
      ),
    );
  };
  const start = async (actor: ActorId): Promise<void> => {
    await client.withDeadline(Date.now() + callMs, () => client.start(workflowType, startOptions(actor, taskQueue)));
  };
  const forget = async (): Promise<void> => {
    while ((await forgetOutcomes(pool, clock() - outcomesKeptMs)) > 0);
  };

  const lanes = startLanes({ pool, handOver, count, batch, leaseMs, clock, logger });
  const listener = listen({
    pool,
    channels: ['baton_inbox'],
    heard: lanes.wake,
    listening: lanes.wake,
    failed: (error) => logger.warn({ failure: failureOf(error) }, 'not listening; the sweep goes on'),
  });
  const wakeSweep = createWakeSweep({ pool, start, clock, logger });
  const sweep = (name: string, everyMs: number, round: () => Promise<void>): Sweep =>
    startSweep({ name, everyMs, logger, round });
  const sweeps = [
    sweep('sweep of inboxes', sweepMs, async () => lanes.wake()),
    sweep('sweep of overdue actors', sweepMs, wakeSweep.round),
    sweep('deletion of old outcomes', forgetMs, forget),
  ];

  return {
    ready: listener.ready,
    async stop() {
      await Promise.all([...sweeps.map((one) => one.stop()), listener.stop(), lanes.stop()]);
    },
    stats: () => ({ ...lanes.stats, woken: wakeSweep.woken }),
  };
}
