/** Faults in an order of their own, one after the other: each is over before the next begins. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { Load } from './load.ts';

export interface Fault {
  name: string;
  strike(): Promise<void>;
}

export type FaultKind = 'worker' | 'api' | 'postgres' | 'temporal';

/** Each of a kind in turn: workers and APIs are two. */
export function faultsOf({ installation }: Arena): Record<FaultKind, (no: number) => Fault> {
  return {
    worker: (no) => ({ name: `worker ${no % 2}`, strike: () => installation.killWorker(no % 2) }),
    api: (no) => ({ name: `API ${no % 2}`, strike: () => installation.killApi(no % 2) }),
    postgres: () => ({ name: 'Postgres', strike: () => installation.crashPostgres() }),
    temporal: () => ({
      name: 'Temporal',
      async strike() {
        await installation.crashTemporal();
        await installation.resumeTemporal();
      },
    }),
  };
}

/** Spread over the load's messages, so that where they strike does not depend on how fast it goes. */
export async function rageThrough({ ledger, messages }: Load, faults: Fault[]): Promise<string[]> {
  for (const [index, fault] of faults.entries()) {
    await ledger.reach(Math.floor((messages * (index + 1)) / (faults.length + 2)));
    await fault.strike();
  }
  return faults.map(({ name }) => name);
}

/** One each so many ms, for as long as the load lasts. */
export async function rageDuring(
  { over }: Pick<Load, 'over'>,
  everyMs: number,
  next: (no: number) => Fault,
): Promise<string[]> {
  const struck: string[] = [];
  let isOver = false;
  const end = over.finally(() => (isOver = true));
  end.catch(() => undefined);
  while (!isOver) {
    const due = pause(everyMs);
    const fault = next(struck.length);
    await fault.strike();
    struck.push(fault.name);
    await Promise.race([due, end]);
  }
  await end;
  return struck;
}
