import { startBareEngine } from '../bare-engine.ts';
import { assignedConversations, type Chat } from '../conversations.ts';
import { createCost } from '../cost.ts';
import { atLeast, atMost, exactly, hundredths, percentiles, round, type Figure } from '../figures.ts';
import { followFeed } from '../followed-feed.ts';
import { countEvents } from '../history-events.ts';
import { closedLoop } from '../load.ts';
import type { Measure, Stage } from '../measure.ts';

export const p5: Measure = {
  title: 'P5: one busy conversation in `assigned`, until an agent’s feed shows what was written',
  async run(stage) {
    const figures: Figure[] = [];
    for (const [inFlight, target] of [
      [16, 300],
      [64, 700],
    ] as const) {
      figures.push(...(await hot(stage, inFlight, target)));
    }
    return figures;
  },
};

async function hot({ arena, short }: Stage, inFlight: number, target: number): Promise<Figure[]> {
  const account = await arena.createAccount();
  const chats: Chat[] = await assignedConversations(arena, account, 1);
  const feed = await followFeed(arena.url, account.agentToken);
  const events = await countEvents(arena, chats);
  const cost = createCost(arena);
  const write = async (index: number): Promise<void> => {
    await account.write(chats[0]?.thread ?? '', index);
    await feed.shown(index);
  };
  const ours = await cost.during(() => closedLoop({ inFlight, seconds: short ? 1 : 60, call: write }));
  feed.close();
  const bare = await startBareEngine(arena);
  const send = (index: number): Promise<void> => bare.send('message', 0, index);
  const t0 = await closedLoop({ inFlight, seconds: short ? 1 : 10, call: send });
  await bare.stop();
  const { count, p50, p99, max } = percentiles(ours.latencies);
  const named = (figure: Figure): Figure => ({ ...figure, name: `${inFlight} in flight: ${figure.name}` });
  return [
    atLeast('on the feed', round(ours.perSecond), 'per s', target),
    { name: 'T0: signals to one workflow', value: round(t0.perSecond), unit: 'per s' },
    { name: 'on the feed after, p50', value: p50, unit: 'ms' },
    { name: 'on the feed after, p99', value: p99, unit: 'ms' },
    atMost('on the feed after, slowest', max, 'ms', 500),
    exactly('out of order', feed.outOfOrder, '', 0),
    { name: 'history events', value: hundredths((await events.more()) / count), unit: 'a message' },
    ...cost.figures(count),
  ].map(named);
}
