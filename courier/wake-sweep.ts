/**
 * Starts every actor that ought to have done something by now: a live one ignores it, one that was terminated (or that
 * Temporal has lost) goes on from its row, its timers included, and asks for what was handed to the run before it.
 *
 * Overdue is an actor whose `wake_at` is past, or that has not recorded what was handed to it. Rounds look only at what has
 * become due since the last one, and now and then at everything that still is.
 */
import type { Logger } from 'pino';
import { failureOf } from '../process/failures.ts';
import type { Pool } from '../store/connection.ts';
import { dueActors, unrecordedMail, type DueActor } from '../store/due-actors.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

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
/** A live actor has recorded by then what was handed to it; one on a busy machine is only asked in vain. */
const unrecordedMs = 20_000;
/** An actor that is still behind is started again after this: there may be no worker, for hours. */
const againMs = 60_000;
const page = 100;
/** Starts out at once. */
const abreast = 4;

export function createWakeSweep({ pool, start, clock, logger }: WakeSweepOptions): WakeSweep {
  let woken = 0;
  let last: DueActor | null = null;
  let wholeAt = Number.NEGATIVE_INFINITY;

  /** One that can't be started holds up none of the others. */
  const startEach = async (some: ActorId[]): Promise<number> => {
    const started = await Promise.allSettled(some.map(start));
    const failures = started.filter((one) => one.status === 'rejected');
    for (const { reason } of failures) logger.warn({ failure: failureOf(reason) }, 'overdue actor not started');
    return started.length - failures.length;
  };

  const startAll = async <A extends ActorId>(actors: A[], done: (actor: A) => void): Promise<void> => {
    for (let index = 0; index < actors.length; index += abreast) {
      const some = actors.slice(index, index + abreast);
      woken += await startEach(some);
      some.forEach(done);
    }
  };

  const wakeDue = async (): Promise<void> => {
    if (clock() - wholeAt >= againMs) {
      last = null;
      wholeAt = clock();
    }
    for (;;) {
      const due: DueActor[] = await dueActors(pool, { after: last, until: clock() - overdueMs, most: page });
      await startAll(due, (actor) => (last = actor));
      if (due.length < page) return;
    }
  };

  const wakeBehind = async (): Promise<void> => {
    for (;;) {
      const now = clock();
      const times = { before: now - unrecordedMs, again: now - unrecordedMs + againMs };
      const { looked, behind } = await unrecordedMail(pool, { ...times, most: page });
      await startAll(behind, () => undefined);
      if (looked < page) return;
    }
  };

  return {
    async round() {
      try {
        await wakeDue();
        await wakeBehind();
      } catch (error) {
        logger.warn({ failure: failureOf(error) }, 'overdue actors not started');
      }
    },
    get woken() {
      return woken;
    },
  };
}
