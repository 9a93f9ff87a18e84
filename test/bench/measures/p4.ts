import type { BenchAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { assignedConversations, drained, handedOver } from '../conversations.ts';
import { createCost } from '../cost.ts';
import { atLeast, exactly, hundredths, round } from '../figures.ts';
import { followFeed } from '../followed-feed.ts';
import { countEvents } from '../history-events.ts';
import { openLoop } from '../load.ts';
import { patienceMs, type Measure } from '../measure.ts';

export const p4: Measure = {
  title: 'P4: a backlog in `assigned`: 100 messages wait in each conversation, and the worker comes back',
  async run({ arena, short }) {
    const [conversations, each] = short ? [16, 50] : [64, 100];
    const account = await arena.createAccount();
    const chats = await assignedConversations(arena, account, conversations);
    const feed = await followFeed(arena.url, account.agentToken);
    const events = await countEvents(arena, chats);
    await arena.worker.stop();
    const count = conversations * each;
    const { failures } = await openLoop({
      perSecond: 500,
      seconds: count / 500,
      call: (index) => account.write(chats[index % conversations]?.thread ?? '', index + 1),
    });
    await handedOver(arena, account, patienceMs);
    const cost = createCost(arena);
    const startedAt = Date.now();
    const readyAt = startedAt + (await arena.worker.start());
    await cost.during(() => drained(arena, account, patienceMs));
    const { first, last } = await recorded(arena, account, startedAt);
    await feed.reach(count, patienceMs);
    feed.close();
    // Its first record shows what it had read and decided before.
    const begunAt = Math.min(readyAt, first);
    return [
      atLeast('into the actors', Math.round((count * 1_000) / (last - begunAt)), 'per s', 800),
      { name: 'worker ready after', value: round(readyAt - startedAt), unit: 'ms' },
      { name: 'first one recorded after', value: round(first - startedAt), unit: 'ms' },
      { name: 'all recorded after', value: round(last - startedAt), unit: 'ms' },
      exactly('not acknowledged', failures, '', 0),
      exactly('not on the feed', count - feed.seen.size, '', 0),
      exactly('out of order on the feed', feed.outOfOrder, '', 0),
      { name: 'history events', value: hundredths((await events.more()) / count), unit: 'a message' },
      ...cost.figures(count),
    ];
  },
};

/** When the first and the last message since then was recorded, epoch ms. */
async function recorded(
  { admin }: Arena,
  { accountId }: BenchAccount,
  since: number,
): Promise<{ first: number; last: number }> {
  const { rows } = await admin.query<{ first: Date; last: Date }>(
    `SELECT min(recorded_at) AS first, max(recorded_at) AS last FROM domain_events
     WHERE account_id = $1 AND type = 'CustomerMessageAccepted' AND recorded_at >= $2`,
    [accountId, new Date(since)],
  );
  return { first: rows[0]?.first.getTime() ?? NaN, last: rows[0]?.last.getTime() ?? NaN };
}
