/**
 * Open-loop load: calls begin when they are due, however slow the ones before are, and their latency counts from when
 * they were due. Whoever waits for answers before sending more never sees a queue.
 */
import { setTimeout as pause } from 'node:timers/promises';

export interface LoadOptions {
  perSecond: number;
  seconds: number;
  call(index: number): Promise<void>;
}

export interface LoadResult {
  /** ms from due to answered, of those that were answered. */
  latencies: number[];
  failures: number;
  /** When a call was due, as of `performance.now()`. */
  dueAt(index: number): number;
}

const tickMs = 2;

export async function openLoop({ perSecond, seconds, call }: LoadOptions): Promise<LoadResult> {
  const total = Math.round(perSecond * seconds);
  const latencies: number[] = [];
  let failures = 0;
  const startedAt = performance.now();
  const dueAt = (index: number): number => startedAt + (index * 1_000) / perSecond;
  const running: Promise<void>[] = [];
  let index = 0;
  while (index < total) {
    for (; index < total && dueAt(index) <= performance.now(); index += 1) {
      const due = dueAt(index);
      running.push(
        call(index).then(
          () => void latencies.push(performance.now() - due),
          () => void (failures += 1),
        ),
      );
    }
    await pause(tickMs);
  }
  await Promise.all(running);
  return { latencies, failures, dueAt };
}

/** Keeps so many calls out for so long; answers how many were answered per second, and their latencies. */
export async function closedLoop(
  inFlight: number,
  seconds: number,
  call: (index: number) => Promise<void>,
): Promise<{ perSecond: number; latencies: number[] }> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1_000;
  let next = 0;
  const keepCalling = async (): Promise<void> => {
    while (performance.now() < endAt) {
      const begunAt = performance.now();
      next += 1;
      await call(next);
      latencies.push(performance.now() - begunAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, keepCalling));
  return { perSecond: (latencies.length * 1_000) / (performance.now() - startedAt), latencies };
}
