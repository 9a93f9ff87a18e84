/** The measures of QUALITY.md that are here, by their ids; each with its T0 in the same run. */
import { openArena, type Arena } from './arena.ts';
import { startBareEngine } from './bare-engine.ts';
import { createCpuMeter } from './cpu.ts';
import { assignedConversations, drained, recordedSince } from './conversations.ts';
import { atLeast, atMost, exactly, hundredths, percentiles, round, type Figure } from './figures.ts';
import { openLoop } from './load.ts';

export interface Measured {
  title: string;
  figures: Figure[];
}

export type Measure = (arena: Arena, seconds: number) => Promise<Measured>;

/** Messages arrive at this rate for so long, evenly over the conversations. */
async function arriving(
  arena: Arena,
  { perSecond, seconds, threads }: { perSecond: number; seconds: number; threads: string[] },
) {
  const since = Date.now();
  const meter = await createCpuMeter(arena.pids);
  const before = await arena.handedOver();
  const load = await openLoop({
    perSecond,
    seconds,
    call: (index) => arena.write(threads[index % threads.length] ?? ''),
  });
  await drained(arena, 60_000);
  const drainMs = performance.now() - load.endedAt;
  const cpu = Object.entries(await meter.spent());
  const after = await arena.handedOver();
  const recorded = await recordedSince(arena, since);
  const count = perSecond * seconds;
  return {
    acknowledged: percentiles(load.latencies),
    recorded: percentiles(recorded.latencies),
    common: [
      exactly('not acknowledged', load.failures, '', 0),
      exactly('acknowledged and not recorded', load.latencies.length - recorded.latencies.length, '', 0),
      exactly('out of order', recorded.outOfOrder, '', 0),
      ...cpu.map(([name, ms]) => ({ name: `CPU of ${name}`, value: hundredths(ms / count), unit: 'ms a message' })),
      {
        name: 'rows in a batch',
        value: round((after.rows - before.rows) / (after.batches - before.batches)),
        unit: '',
      },
    ] satisfies Figure[],
    drainMs,
  };
}

const p3: Measure = async (arena, seconds) => {
  const threads = await assignedConversations(arena, 256);
  const { acknowledged, recorded, common, drainMs } = await arriving(arena, { perSecond: 300, seconds, threads });
  const bare = await startBareEngine(arena.temporalAddress, arena.temporal.client);
  const t0 = percentiles((await bare.acknowledge(300, Math.min(seconds, 10))).latencies);
  await bare.stop();
  return {
    title: `P3: webhooks acknowledged, 300/s over 256 conversations for ${seconds} s`,
    figures: [
      atMost('acknowledged, p50', acknowledged.p50, 'ms', 20),
      atMost('acknowledged, p99', acknowledged.p99, 'ms', 100),
      { name: 'recorded, p50', value: recorded.p50, unit: 'ms' },
      { name: 'recorded, p99', value: recorded.p99, unit: 'ms' },
      atMost('backlog drained after', Math.round(drainMs), 'ms', 2_000),
      ...common,
      { name: 'T0: signal acknowledged, p50', value: t0.p50, unit: 'ms' },
      { name: 'T0: signal acknowledged, p99', value: t0.p99, unit: 'ms' },
    ],
  };
};

const p1b: Measure = async (arena, seconds) => {
  const threads = await assignedConversations(arena, 256);
  const { acknowledged, recorded, common, drainMs } = await arriving(arena, { perSecond: 1_000, seconds, threads });
  const bare = await startBareEngine(arena.temporalAddress, arena.temporal.client);
  const t0 = await bare.throughput(64, Math.min(seconds, 10));
  await bare.stop();
  return {
    title: `P1b: customers' messages in \`assigned\`, 1,000/s over 256 conversations for ${seconds} s`,
    figures: [
      atMost('acknowledged, p99', acknowledged.p99, 'ms', 150),
      { name: 'acknowledged, p50', value: acknowledged.p50, unit: 'ms' },
      atMost('recorded, slowest', recorded.max, 'ms', 2_000),
      { name: 'recorded, p50', value: recorded.p50, unit: 'ms' },
      { name: 'recorded, p99', value: recorded.p99, unit: 'ms' },
      atMost('all recorded after the last', Math.round(drainMs), 'ms', 2_000),
      ...common,
      { name: 'T0: messages at 64 in flight', value: round(t0.perSecond), unit: 'per s' },
      atLeast('times T0', round(1_000 / t0.perSecond), '', 10),
    ],
  };
};

export const measures: Record<string, Measure> = { P1b: p1b, P3: p3 };

export async function run(names: string[], seconds: number, log: (line: string) => void): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const name of names) {
    const measure = measures[name];
    if (!measure) continue;
    log(`measuring ${name}`);
    const arena = await openArena(log);
    try {
      results.push(await measure(arena, seconds));
    } finally {
      await arena.close();
    }
  }
  return results;
}
