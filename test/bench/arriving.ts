/** Customers' messages that arrive at a rate, however fast they are taken, over many conversations in `assigned`. */
import type { BenchAccount } from './account.ts';
import { assignedConversations, drained } from './conversations.ts';
import { createCost } from './cost.ts';
import { atMost, exactly, hundredths, percentiles, round, type Figure, type Percentiles } from './figures.ts';
import { followFeed } from './followed-feed.ts';
import { countEvents } from './history-events.ts';
import { openLoop } from './load.ts';
import { patienceMs, type Stage } from './measure.ts';
import { seededNumbers } from './seeded.ts';

export interface Arriving {
  perSecond: number;
  seconds: number;
  conversations: number;
}

export interface Came {
  account: BenchAccount;
  acknowledged: Percentiles;
  /** ms from due to seen by the agent. */
  shown: Percentiles;
  /** How many an agent saw a second, from the first that was due to the last that came. */
  borne: number;
  common: Figure[];
}

export async function arriving({ arena, seed }: Stage, { perSecond, seconds, conversations }: Arriving): Promise<Came> {
  const account = await arena.createAccount();
  const chats = await assignedConversations(arena, account, conversations);
  const next = seededNumbers(seed);
  const feed = await followFeed(arena.url, account.agentToken);
  const cost = createCost(arena);
  const events = await countEvents(arena, chats);
  const count = perSecond * seconds;
  const { load, backlogMs, lastShownAt } = await cost.during(async () => {
    const load = await openLoop({
      perSecond,
      seconds,
      call: (index) => account.write(chats[next(conversations)]?.thread ?? '', index + 1),
    });
    await feed.reach(load.latencies.length, patienceMs);
    const lastShownAt = Math.max(...feed.seen.values());
    return { load, lastShownAt, backlogMs: await drained(arena, account, patienceMs) };
  });
  feed.close();
  const shown = [...feed.seen].map(([number, at]) => at - load.dueAt(number - 1));
  return {
    account,
    acknowledged: percentiles(load.latencies),
    shown: percentiles(shown),
    borne: (feed.seen.size * 1_000) / (lastShownAt - load.dueAt(0)),
    common: [
      atMost('last one on the feed after', round(lastShownAt - load.dueAt(count - 1)), 'ms', 2_000),
      atMost('backlog after that gone within', Math.round(backlogMs), 'ms', 2_000),
      exactly('not acknowledged', load.failures, '', 0),
      exactly('acknowledged and not on the feed', load.latencies.length - feed.seen.size, '', 0),
      exactly('out of order on the feed', feed.outOfOrder, '', 0),
      { name: 'history events', value: hundredths((await events.more()) / count), unit: 'a message' },
      ...cost.figures(count),
    ],
  };
}
