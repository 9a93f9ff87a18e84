import { setTimeout as pause } from 'node:timers/promises';
import type { BenchAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { drained, startConversations, type Chat } from '../conversations.ts';
import { atMost, exactly, hundredths, type Figure } from '../figures.ts';
import { countEvents } from '../history-events.ts';
import { patienceMs, type Measure } from '../measure.ts';

const kiB = 1_024;

export const p10: Measure = {
  title: 'P10: silent conversations: one message, a bot that says nothing, then 24 h of silence; and their end',
  async run({ arena, short }) {
    return [...(await whileOpen(arena, short ? 100 : 1_000)), ...(await afterwards(arena, short ? 20 : 100))];
  },
};

async function whileOpen(arena: Arena, count: number): Promise<Figure[]> {
  const account = await arena.createAccount({ bot: () => ({}) });
  const before = await arena.sizes();
  const chats = await silent(arena, account, count);
  const after = await arena.sizes();
  const timers = await Promise.all(chats.slice(0, 20).map((chat) => openTimers(arena, chat)));
  const each = (bytes: number): number => hundredths(bytes / count / kiB);
  return [
    atMost('Temporal’s disk, while 24 h run', each(after.temporal - before.temporal), 'KiB each', 6),
    { name: 'history, as Temporal counts it', value: await historyKiB(arena, chats), unit: 'KiB each' },
    { name: 'our disk', value: each(after.ours - before.ours), unit: 'KiB each' },
    exactly('timers, at most', Math.max(...timers), 'each', 1),
  ];
}

async function afterwards(arena: Arena, count: number): Promise<Figure[]> {
  const account = await arena.createAccount({ bot: () => ({}), numbers: { lock: { sessionMs: 2_000 } } });
  const chats = await silent(arena, account, count);
  const until = performance.now() + patienceMs;
  let left = chats;
  while (left.length > 0 && performance.now() < until) {
    await pause(200);
    left = await running(arena, left);
  }
  return [exactly('left in Temporal once nothing is open', left.length, `of ${count}`, 0)];
}

/** As soon as nothing moves in them any more. */
async function silent(arena: Arena, account: BenchAccount, count: number): Promise<Chat[]> {
  const chats = await startConversations(arena, account, count);
  await drained(arena, account, patienceMs);
  for (;;) {
    const events = await countEvents(arena, chats.slice(-20));
    await pause(1_000);
    if ((await events.more()) === 0) return chats;
  }
}

async function openTimers({ temporal }: Arena, { workflowId }: Chat): Promise<number> {
  const { events } = await temporal.client.getHandle(workflowId).fetchHistory();
  const started = events?.filter((event) => event.timerStartedEventAttributes).length ?? 0;
  const ended = events?.filter((event) => event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes).length;
  return started - (ended ?? 0);
}

async function historyKiB({ temporal }: Arena, chats: Chat[]): Promise<number> {
  const some = chats.slice(0, 20);
  const sizes = await Promise.all(
    some.map(async ({ workflowId }) => (await temporal.client.getHandle(workflowId).describe()).historySize ?? NaN),
  );
  return hundredths(sizes.reduce((sum, size) => sum + size, 0) / some.length / kiB);
}

async function running({ temporal }: Arena, chats: Chat[]): Promise<Chat[]> {
  const stillRuns = await Promise.all(
    chats.map(
      async ({ workflowId }) => (await temporal.client.getHandle(workflowId).describe()).status.name === 'RUNNING',
    ),
  );
  return chats.filter((_, index) => stillRuns[index]);
}
