/**
 * The time that a process goes by. Processes share what has a time (leases, rates, the end of a session), so one whose
 * machine's clock is wrong, or is set while it runs, would end a session an hour early, or leave a connection alone for
 * an hour: so all of them go by the clock of the database that they share. Between two looks at it time goes on by the machine's
 * steady clock, which nobody sets; at each look the machine's own clock stands where it is about right, since it is
 * read without a way to the database and back, and the database's does where it isn't.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface Clock {
  /** epoch ms */
  now: () => number;
  /** Once the database was asked for the first time, whatever came of it: until it answers, the machine's clock stands. */
  asked: Promise<void>;
  stop(): Promise<void>;
}

export interface ClockOptions {
  /** The database's clock, epoch ms. */
  ask(): Promise<number>;
  logger: Pick<Logger, 'warn' | 'info'>;
  /** Between two looks. */
  everyMs?: number;
  /** The machine's clock, epoch ms. */
  own?: () => number;
  /** Counts ms, and nobody sets it. */
  steady?: () => number;
}

/** Less than this nobody notices, and a way to the database and back may take as long. */
const toleratedMs = 1_000;
const lookEveryMs = 5_000;
/** Until the database has answered for the first time. */
const soonMs = 250;

export function startClock(options: ClockOptions): Clock {
  const { everyMs = lookEveryMs } = options;
  const watch = createWatch(options);
  const stopping = new AbortController();
  const rest = (ms: number): Promise<void> => pause(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const asked = watch.look();
  const looking = (async () => {
    await asked;
    while (!stopping.signal.aborted) {
      await rest(watch.isSet() ? everyMs : soonMs);
      if (!stopping.signal.aborted) await watch.look();
    }
  })();
  return {
    now: watch.now,
    asked,
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}

interface Watch {
  now: () => number;
  /** Never rejects: with the database away, time goes on from the last look. */
  look(): Promise<void>;
  isSet(): boolean;
}

export function createWatch({ ask, logger, own = Date.now, steady = () => performance.now() }: ClockOptions): Watch {
  let from = { at: own(), steadyAt: steady() };
  let isSet = false;
  let isRight = true;

  const judge = (offMs: number, uncertainMs: number): void => {
    const wasRight = isRight;
    isRight = Math.abs(offMs) <= toleratedMs + uncertainMs;
    if (wasRight === isRight) return;
    if (isRight) logger.info('the clock of this machine is right again');
    else logger.warn({ offMs: Math.round(offMs) }, 'the clock of this machine is wrong; the database’s is gone by');
  };

  return {
    now: () => Math.floor(from.at + steady() - from.steadyAt),
    async look() {
      const askedAt = steady();
      const told = await ask().catch(() => null);
      if (told === null) return;
      const steadyAt = steady();
      const uncertainMs = (steadyAt - askedAt) / 2;
      const database = told + uncertainMs;
      const machine = own();
      judge(machine - database, uncertainMs);
      from = { at: isRight ? machine : database, steadyAt };
      isSet = true;
    },
    isSet: () => isSet,
  };
}
