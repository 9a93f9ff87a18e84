/**
 * Hands over what waits, a mailbox at a time in each lane. Few lanes (about one per core): when more arrives than they
 * carry, the batches grow and not the load.
 *
 * 1. A mailbox is leased to one lane of one courier. That saves work and is not needed: order comes from the places, and
 *    a lease that runs out at the wrong moment costs rows sent twice, which the actor skips.
 * 2. The cursor moves after the actor's server has the batch, so a courier that dies in between sends it again.
 * 3. Whatever fails leaves the rows where they are; the lanes go slower until something succeeds.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { failureOf } from '../process/failures.ts';
import type { Pool } from '../store/connection.ts';
import { nextMail, putMailOff, type Mail, type NextMail } from '../store/mailboxes.ts';
import { createBackoff } from './backoff.ts';

export interface LanesOptions {
  /** Logs in as the courier's role. */
  pool: Pool;
  /** Sends one batch to its actor. */
  handOver(mail: Mail): Promise<void>;
  count: number;
  /** Rows of a batch at most. */
  batch: number;
  leaseMs: number;
  clock: () => number;
  logger: Logger;
}

export interface LaneStats {
  batches: number;
  rows: number;
  failures: number;
}

export interface Lanes {
  /** Something may wait. */
  wake(): void;
  /** Finishes what is on its way. */
  stop(): Promise<void>;
  readonly stats: Readonly<LaneStats>;
}

/** A transaction that holds a mailbox is about to commit. */
const busyMs = 5;
/** A mailbox whose batch failed is tried again after this, and others before it. */
const putOffMs = 1_000;

export function startLanes({ pool, handOver, count, batch, leaseMs, clock, logger }: LanesOptions): Lanes {
  const stats: LaneStats = { batches: 0, rows: 0, failures: 0 };
  const stopping = new AbortController();
  const backoff = createBackoff();
  const sleeping: (() => void)[] = [];
  let wakes = 0;

  const wake = (): void => {
    wakes += 1;
    sleeping.shift()?.();
  };
  const rest = (ms: number): Promise<void> => pause(ms, undefined, { signal: stopping.signal }).catch(() => undefined);

  /** True: the cursor may go up. */
  const tryHandingOver = async (mail: Mail): Promise<boolean> => {
    try {
      await handOver(mail);
    } catch (error) {
      stats.failures += 1;
      const { accountId, conversationId } = mail;
      logger.warn({ accountId, conversationId, failure: failureOf(error) }, 'batch not handed over');
      await putMailOff(pool, mail, clock() + putOffMs);
      return false;
    }
    stats.batches += 1;
    stats.rows += mail.rows.length;
    return true;
  };

  /** Answers what was handed over: the next look moves its cursor up. */
  const take = async (mail: NextMail, wakesBefore: number): Promise<Mail | null> => {
    if (mail === null) {
      // Woken since it looked: then it looks again.
      const mayRest = wakes === wakesBefore && !stopping.signal.aborted;
      if (mayRest) await new Promise<void>((resolve) => sleeping.push(resolve));
      return null;
    }
    if (mail.kind === 'busy') {
      await rest(busyMs);
      return null;
    }
    if (mail.more) wake();
    if (!(await tryHandingOver(mail))) {
      await rest(backoff.next());
      return null;
    }
    backoff.reset();
    return mail;
  };

  const run = async (): Promise<void> => {
    let done: Mail | null = null;
    while (!stopping.signal.aborted || done) {
      const wakesBefore = wakes;
      try {
        const most = stopping.signal.aborted ? 0 : batch;
        const mail = await nextMail(pool, { done, now: clock(), leaseMs, most });
        done = null; // its cursor is up, whatever comes of the next
        done = await take(mail, wakesBefore);
      } catch (error) {
        stats.failures += 1;
        logger.warn({ failure: failureOf(error) }, 'mailboxes out of reach');
        if (stopping.signal.aborted) return; // the lease runs out, and the batch is sent again
        await rest(backoff.next());
      }
    }
  };
  const running = Array.from({ length: count }, run);

  return {
    wake,
    async stop() {
      stopping.abort();
      for (const lane of sleeping.splice(0)) lane();
      await Promise.all(running);
    },
    stats,
  };
}
