/**
 * Starts every actor whose `wake_at` is past: a live one ignores it, one that was terminated goes on from its row, its
 * timers included. Rounds look only at what has become due since the last one; now and then at everything.
 */
import type { Logger } from 'pino';
import type { Pool } from '../store/connection.ts';
import { dueActors, type DueActor } from '../store/due-actors.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import { failureOf } from './failures.ts';

export interface WakeSweepOptions {
  pool: Pool;
  start(actor: ActorId): Promise<void>;
  clock: () => number;
  logger: Logger;
}

export interface WakeSweep {
  /** One round; never rejects. */
  round(): Promise<void>;
  /** Actors started, or found running. */
  readonly woken: number;
}

/** A live actor has done by then what was due. */
const overdueMs = 5_000;
/** An actor that is still due is woken again after this. */
const againMs = 30_000;
const page = 100;
/** Starts out at once. */
const abreast = 4;

export function createWakeSweep({ pool, start, clock, logger }: WakeSweepOptions): WakeSweep {
  let woken = 0;
  let last: DueActor | null = null;
  let wholeAt = Number.NEGATIVE_INFINITY;

  const wakeAll = async (): Promise<void> => {
    if (clock() - wholeAt >= againMs) {
      last = null;
      wholeAt = clock();
    }
    for (;;) {
      const due: DueActor[] = await dueActors(pool, { after: last, until: clock() - overdueMs, most: page });
      for (let index = 0; index < due.length; index += abreast) {
        const some = due.slice(index, index + abreast);
        await Promise.all(some.map(start));
        woken += some.length;
        last = some.at(-1) ?? last;
      }
      if (due.length < page) return;
    }
  };

  return {
    async round() {
      try {
        await wakeAll();
      } catch (error) {
        logger.warn({ failure: failureOf(error) }, 'overdue actors not started');
      }
    },
    get woken() {
      return woken;
    },
  };
}
