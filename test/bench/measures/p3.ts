import { arriving } from '../arriving.ts';
import { startBareEngine } from '../bare-engine.ts';
import { atMost, percentiles } from '../figures.ts';
import { openLoop } from '../load.ts';
import type { Measure } from '../measure.ts';

const workflows = 64;

export const p3: Measure = {
  title: 'P3: webhooks acknowledged, 300/s',
  async run(stage) {
    const { short, arena } = stage;
    const perSecond = 300;
    const load = { perSecond, seconds: short ? 2 : 30, conversations: short ? 64 : 256 };
    const { acknowledged, shown, common } = await arriving(stage, load);
    const bare = await startBareEngine(arena);
    const signal = (index: number): Promise<void> => bare.signal('message', index % workflows, index);
    const t0 = percentiles((await openLoop({ perSecond, seconds: short ? 1 : 10, call: signal })).latencies);
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
