import { setTimeout as pause } from 'node:timers/promises';
import { drained, startConversations } from '../conversations.ts';
import { createCost } from '../cost.ts';
import { atLeast, exactly, percentiles, round } from '../figures.ts';
import { countEvents } from '../history-events.ts';
import { patienceMs, type Measure } from '../measure.ts';

const inFlight = 64;
const messagesEach = 20;

export const p9: Measure = {
  title: 'P9: receipts: `delivered`, then `read`, of messages that were sent; 64 in flight',
  async run({ arena, short }) {
    const account = await arena.createAccount({ bot: talks });
    const { channel } = account;
    const chats = await startConversations(arena, account, short ? 10 : 100);
    const sent = chats.length * messagesEach;
    await channel.books.until(({ deliveries }) => deliveries.length === sent, patienceMs * 2);
    await drained(arena, account, patienceMs);
    const events = await settledCount();
    const cost = createCost(arena);
    const latencies: number[] = [];
    const startedAt = performance.now();
    const confirmAll = async (status: 'delivered' | 'read'): Promise<void> => {
      const left = channel.books.deliveries.values();
      const work = async (): Promise<void> => {
        for (const { id } of left) {
          const begunAt = performance.now();
          await account.confirm(status, id);
          latencies.push(performance.now() - begunAt);
        }
      };
      await Promise.all(Array.from({ length: inFlight }, work));
    };
    await cost.during(async () => {
      await confirmAll('delivered');
      await confirmAll('read');
    });
    const { count, p50, p99 } = percentiles(latencies);
    const perSecond = (count * 1_000) / (performance.now() - startedAt);
    const { rows } = await arena.admin.query<{ read: number }>(
      `SELECT count(*)::int AS read FROM outbound WHERE account_id = $1 AND status = 'read'`,
      [account.accountId],
    );
    return [
      atLeast('receipts acknowledged', round(perSecond), 'per s', 1_000),
      { name: 'acknowledged, p50', value: p50, unit: 'ms' },
      { name: 'acknowledged, p99', value: p99, unit: 'ms' },
      exactly('messages not shown as read', sent - (rows[0]?.read ?? 0), '', 0),
      exactly('history events', await events.more(), '', 0),
      ...cost.figures(count, 'receipt'),
    ];

    /** As soon as the record of the last send has ended its task, too. */
    async function settledCount(): ReturnType<typeof countEvents> {
      for (;;) {
        const before = await countEvents(arena, chats);
        await pause(1_000);
        if ((await before.more()) === 0) return before;
      }
    }
  },
};

const talks = (): object => ({
  messages: Array.from({ length: messagesEach }, (_, n) => `Line number ${n}: your parcel is on its way.`),
});
