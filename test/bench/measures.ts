/** The measures that are here, by their ids in docs/requirements.md; each with its T0 in the same run. */
import { connections, openArena, type Arena, type TemporalKind } from './arena.ts';
import { startBareEngine } from './bare-engine.ts';
import { createCpuMeter } from './cpu.ts';
import { assignedConversations, drained } from './conversations.ts';
import { atLeast, atMost, exactly, hundredths, percentiles, round, type Figure, type Percentiles } from './figures.ts';
import { followFeed } from './followed-feed.ts';
import { openLoop } from './load.ts';
import { seededNumbers } from './seeded.ts';

export interface Parameters {
  seconds: number;
  /** Chooses the conversation of each message. */
  seed: number;
  server: TemporalKind;
}

export interface Measured {
  title: string;
  params: Parameters & { perSecond: number; conversations: number; connections: number };
  versions: Arena['versions'];
  figures: Figure[];
}

interface Measure {
  title: string;
  perSecond: number;
  /** What came of the messages, and beside it what the bare engine makes of the like. */
  figures(came: Came, arena: Arena, seconds: number): Promise<Figure[]>;
}

/** Of messages that arrived at this rate for so long. */
interface Came {
  perSecond: number;
  acknowledged: Percentiles;
  /** ms from due to seen by the agent. */
  shown: Percentiles;
  /** How many an agent saw a second, from the first that was due to the last that came. */
  borne: number;
  common: Figure[];
}

const conversations = 256;
/** Past this, what has not come is lost. */
const patienceMs = 60_000;

async function arriving(arena: Arena, perSecond: number, { seconds, seed }: Parameters): Promise<Came> {
  const threads = await assignedConversations(arena, conversations);
  const next = seededNumbers(seed);
  const feed = await followFeed(arena.url, arena.account.agentToken);
  const meter = await createCpuMeter(arena.pids);
  const handedOver = await arena.handedOver();
  const transactions = await arena.transactions();
  const count = perSecond * seconds;
  const load = await openLoop({
    perSecond,
    seconds,
    call: (index) => arena.write(threads[next(conversations)] ?? '', index + 1),
  });
  await feed.reach(load.latencies.length, patienceMs);
  const shown = [...feed.seen].map(([number, at]) => at - load.dueAt(number - 1));
  const lastShownAt = Math.max(...feed.seen.values());
  const backlogMs = await drained(arena, patienceMs);
  feed.close();
  const cpu = Object.entries(await meter.spent());
  const after = await arena.handedOver();
  const batches = after.batches - handedOver.batches;
  return {
    perSecond,
    acknowledged: percentiles(load.latencies),
    shown: percentiles(shown),
    borne: (feed.seen.size * 1_000) / (lastShownAt - load.dueAt(0)),
    common: [
      atMost('last one on the feed after', round(lastShownAt - load.dueAt(count - 1)), 'ms', 2_000),
      atMost('backlog after that gone within', Math.round(backlogMs), 'ms', 2_000),
      exactly('not acknowledged', load.failures, '', 0),
      exactly('acknowledged and not on the feed', load.latencies.length - feed.seen.size, '', 0),
      exactly('out of order on the feed', feed.outOfOrder, '', 0),
      ...cpu.map(([name, ms]) => ({ name: `CPU of ${name}`, value: hundredths(ms / count), unit: 'ms a message' })),
      {
        name: 'transactions of our database',
        value: hundredths(((await arena.transactions()) - transactions) / count),
        unit: 'a message',
      },
      { name: 'rows in a batch', value: round((after.rows - handedOver.rows) / batches), unit: '' },
    ],
  };
}

const p1b: Measure = {
  title: 'P1b: customers’ messages in `assigned`, until an agent’s feed shows them',
  perSecond: 1_000,
  async figures({ acknowledged, shown, borne, common }, arena, seconds) {
    const bare = await startBareEngine(arena.temporalAddress, arena.temporal.client);
    const t0 = await bare.throughput(64, Math.min(seconds, 10));
    await bare.stop();
    return [
      { name: 'acknowledged, p50', value: acknowledged.p50, unit: 'ms' },
      atMost('acknowledged, p99', acknowledged.p99, 'ms', 150),
      { name: 'on the feed, p50', value: shown.p50, unit: 'ms' },
      { name: 'on the feed, p99', value: shown.p99, unit: 'ms' },
      atMost('on the feed, slowest', shown.max, 'ms', 2_000),
      ...common,
      { name: 'on the feed, over all', value: round(borne), unit: 'per s' },
      { name: 'T0: messages at 64 in flight', value: round(t0.perSecond), unit: 'per s' },
      atLeast('times T0', round(borne / t0.perSecond), '', 10),
    ];
  },
};

const p3: Measure = {
  title: 'P3: webhooks acknowledged',
  perSecond: 300,
  async figures({ perSecond, acknowledged, shown, common }, arena, seconds) {
    const bare = await startBareEngine(arena.temporalAddress, arena.temporal.client);
    const t0 = percentiles((await bare.acknowledge(perSecond, Math.min(seconds, 10))).latencies);
    await bare.stop();
    return [
      atMost('acknowledged, p50', acknowledged.p50, 'ms', 20),
      atMost('acknowledged, p99', acknowledged.p99, 'ms', 100),
      { name: 'on the feed, p50', value: shown.p50, unit: 'ms' },
      { name: 'on the feed, p99', value: shown.p99, unit: 'ms' },
      ...common,
      { name: 'T0: signal acknowledged, p50', value: t0.p50, unit: 'ms' },
      { name: 'T0: signal acknowledged, p99', value: t0.p99, unit: 'ms' },
    ];
  },
};

export const measures: Record<string, Measure> = { P1b: p1b, P3: p3 };

export async function run(
  { title, perSecond, figures }: Measure,
  params: Parameters,
  log: (line: string) => void,
): Promise<Measured> {
  const arena = await openArena(params.server, log);
  try {
    const came = await arriving(arena, perSecond, params);
    return {
      title,
      params: { ...params, perSecond, conversations, connections },
      versions: arena.versions,
      figures: await figures(came, arena, params.seconds),
    };
  } finally {
    await arena.close();
  }
}
