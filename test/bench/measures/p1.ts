/** Nothing can be batched here: a conversation gets its next message when the agent has seen the one before. */
import { startBareEngine } from '../bare-engine.ts';
import { assignedConversations } from '../conversations.ts';
import { createCost } from '../cost.ts';
import { atLeast, atMost, exactly, hundredths, percentiles, round } from '../figures.ts';
import { followFeed } from '../followed-feed.ts';
import { countEvents } from '../history-events.ts';
import { closedLoop, inTurns } from '../load.ts';
import type { Measure } from '../measure.ts';

const inFlight = 16;
const perLane = 4;

export const p1: Measure = {
  title:
    'P1: a customer’s message in `assigned`, until an agent’s feed shows it; 16 in flight, each in another conversation',
  async run({ arena, short }) {
    const [rounds, seconds] = short ? [1, 1] : [3, 10];
    const account = await arena.createAccount();
    const chats = await assignedConversations(arena, account, inFlight * perLane);
    const feed = await followFeed(arena.url, account.agentToken);
    const bare = await startBareEngine(arena);
    const cost = createCost(arena);
    const events = await countEvents(arena, chats);
    let number = 0;
    const write = async (index: number, lane: number): Promise<void> => {
      const mine = (number += 1);
      await account.write(chats[lane * perLane + (index % perLane)]?.thread ?? '', mine);
      await feed.shown(mine);
    };
    const came = await inTurns(
      rounds,
      () => cost.during(() => closedLoop({ inFlight, seconds, call: write })),
      (turn) =>
        closedLoop({
          inFlight,
          seconds,
          call: (index, lane) => bare.send('message', lane * perLane + (index % perLane), turn * 1_000_000 + index),
        }),
    );
    await bare.stop();
    feed.close();
    const [ours, theirs] = [percentiles(came.ours.latencies), percentiles(came.bare.latencies)];
    return [
      { name: 'on the feed', value: round(came.ours.perSecond), unit: 'per s' },
      { name: 'T0: signal, local activity', value: round(came.bare.perSecond), unit: 'per s' },
      atLeast('of T0', hundredths(came.ours.perSecond / came.bare.perSecond), '', 0.9),
      { name: 'on the feed, p50', value: ours.p50, unit: 'ms' },
      { name: 'T0, p50', value: theirs.p50, unit: 'ms' },
      { name: 'on the feed, p99', value: ours.p99, unit: 'ms' },
      { name: 'T0, p99', value: theirs.p99, unit: 'ms' },
      atMost('history events', hundredths((await events.more()) / ours.count), 'a message', 5.5),
      exactly('out of order on the feed', feed.outOfOrder, '', 0),
      ...cost.figures(ours.count),
    ];
  },
};
