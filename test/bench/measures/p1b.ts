import { arriving } from '../arriving.ts';
import { startBareEngine } from '../bare-engine.ts';
import { atLeast, atMost, round } from '../figures.ts';
import { closedLoop } from '../load.ts';
import type { Measure } from '../measure.ts';

const workflows = 64;

export const p1b: Measure = {
  title: 'P1b: customers’ messages in `assigned`, 1,000/s, until an agent’s feed shows them',
  async run(stage) {
    const { short, arena } = stage;
    const load = { perSecond: 1_000, seconds: short ? 2 : 30, conversations: short ? 64 : 256 };
    const { acknowledged, shown, borne, common } = await arriving(stage, load);
    const bare = await startBareEngine(arena);
    const t0 = await closedLoop({
      inFlight: workflows,
      seconds: short ? 1 : 10,
      call: (index) => bare.send('message', index % workflows, index),
    });
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
