import { setTimeout as pause } from 'node:timers/promises';
import type { BenchAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { startBareEngine } from '../bare-engine.ts';
import { drained, eachOf, startConversations, type Chat } from '../conversations.ts';
import { atMost, exactly, hundredths, type Figure } from '../figures.ts';
import { countEvents } from '../history-events.ts';
import { patienceMs, type Measure } from '../measure.ts';

const kiB = 1_024;

export const p10: Measure = {
  title: 'P10: silent conversations: one message, a bot that says nothing, then 24 h of silence; and their end',
  async run({ arena, short }) {
    const count = short ? 20 : 1_000;
    return [
      ...(await whileOpen(arena, count)),
      await bareWhileOpen(arena, count),
      ...(await afterwards(arena, short ? 10 : 100)),
    ];
  },
};

async function whileOpen(arena: Arena, count: number): Promise<Figure[]> {
  const account = await arena.createAccount({ bot: () => ({}) });
  const before = await arena.sizes();
  const chats = await silent(arena, account, count);
  const after = await arena.sizes();
  const timers = await Promise.all(chats.slice(0, 20).map((chat) => openTimers(arena, chat)));
  return [
    atMost('Temporal’s disk, while 24 h run', kiBEach(after.temporal - before.temporal, count), 'KiB each', 6),
    { name: 'history, as Temporal counts it', value: await historyKiB(arena, chats), unit: 'KiB each' },
    { name: 'our disk', value: kiBEach(after.ours - before.ours, count), unit: 'KiB each' },
    exactly('timers, at most', Math.max(...timers), 'each', 1),
  ];
}

/** T0: what Temporal needs for a workflow of a few lines that has done as much, and waits. */
async function bareWhileOpen(arena: Arena, count: number): Promise<Figure> {
  const bare = await startBareEngine(arena);
  const before = await arena.sizes();
  await eachOf([...Array(count).keys()], (n) => bare.send('silence', n, n));
  const after = await arena.sizes();
  await bare.stop();
  return { name: 'T0: the same', value: kiBEach(after.temporal - before.temporal, count), unit: 'KiB each' };
}

function kiBEach(bytes: number, count: number): number {
  return hundredths(bytes / count / kiB);
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
