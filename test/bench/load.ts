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

export interface Lanes {
  inFlight: number;
  seconds: number;
  /** `index` counts the calls of all lanes from 1; a lane has one call out at a time. */
  call(index: number, lane: number): Promise<unknown>;
}

export interface Throughput {
  perSecond: number;
  latencies: number[];
}

/** Keeps so many calls out for so long; answers how many were answered per second, and their latencies. */
export async function closedLoop({ inFlight, seconds, call }: Lanes): Promise<Throughput> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1_000;
  let next = 0;
  const keepCalling = async (_: unknown, lane: number): Promise<void> => {
    while (performance.now() < endAt) {
      const begunAt = performance.now();
      next += 1;
      await call(next, lane);
      latencies.push(performance.now() - begunAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, keepCalling));
  return { perSecond: (latencies.length * 1_000) / (performance.now() - startedAt), latencies };
}

/** Of ours and of the bare engine, a slice of each in turns: what else the machine does then meets both. */
export async function inTurns(
  rounds: number,
  ours: (round: number) => Promise<Throughput>,
  bare: (round: number) => Promise<Throughput>,
): Promise<{ ours: Throughput; bare: Throughput }> {
  const [our, their]: Throughput[][] = [[], []];
  for (let turn = 0; turn < rounds; turn += 1) {
    our?.push(await ours(turn));
    their?.push(await bare(turn));
  }
  return { ours: together(our ?? []), bare: together(their ?? []) };
}

function together(slices: Throughput[]): Throughput {
  const seconds = slices.reduce((sum, { latencies, perSecond }) => sum + latencies.length / perSecond, 0);
  const latencies = slices.flatMap((slice) => slice.latencies);
  return { perSecond: latencies.length / seconds, latencies };
}

/** Rejects with `complaint` where nobody has resolved it within so many ms. */
export async function within(
  ms: number,
  complaint: string,
  begin: (resolve: () => void, reject: (error: unknown) => void) => void,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${complaint} after ${ms} ms`)), ms);
      begin(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
  }
}
