/** A connection with a rate, and the workers that send over it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { required } from '../support/required.ts';
import { again, Chat } from './chat.ts';
import { createSetting, network, withChannel, type Setting } from './setting.ts';

let setting: Setting;
beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

/** Two workers that share a database and a clock, and a channel that notes by that clock when it was called. */
async function twoWorkers(
  rate: object | null,
  { usual = null as object | null, type = 'rated', maxChars = 10_000 } = {},
) {
  const clock = { now: Date.now() };
  const calls: number[] = [];
  const fake = network('key', { send: () => calls.push(clock.now) }, { maxChars });
  const channels = withChannel(type, {
    ...fake,
    capabilities: (settings) => {
      const read = fake.capabilities(settings);
      const own = (settings ?? {}) as { rate?: typeof read.rate };
      return { ...read, rate: 'rate' in own ? (own.rate ?? null) : (usual as typeof read.rate) };
    },
  });
  const worker = () => setting.another({ channels, clock: () => clock.now });
  const account = await setting.account({ channelType: type, channelSettings: rate === null ? {} : { rate } });
  const chats = (count: number) => Promise.all(Array.from({ length: count }, () => Chat.begin(setting.pool, account)));
  return { clock, calls, workers: [worker(), worker()] as const, chats, account };
}

const putOffMs = (outcome: { kind: string; forMs?: number }): number => outcome.forMs ?? 0;

test('two workers together send as many as the connection takes, each of the others at a time of its own', async () => {
  const { clock, calls, workers, chats } = await twoWorkers({ perSecond: 5, burst: 3 });
  const all = await chats(12);
  const messages = await Promise.all(all.map(async (chat) => ({ chat, work: await chat.queue('hello') })));
  const start = clock.now;
  const outcomes = await Promise.all(
    messages.map(({ chat, work }, n) => workers[n % 2 === 0 ? 0 : 1].sendMessage(chat.actor, work)),
  );
  expect(calls).toEqual([start, start, start]);
  const waits = outcomes.map(putOffMs).filter((ms) => ms > 0);
  expect(waits.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 9 }, (_, n) => (n + 1) * 200));

  const order = outcomes.map((outcome, n) => ({ ms: putOffMs(outcome), n })).filter(({ ms }) => ms > 0);
  for (const { ms, n } of order.toSorted((one, other) => one.ms - other.ms)) {
    clock.now = start + ms;
    const { chat, work } = required(messages[n]);
    expect(await workers[n % 2 === 0 ? 1 : 0].sendMessage(chat.actor, again(work))).toEqual({ kind: 'sent' });
  }
  expect(calls.slice(3)).toEqual(Array.from({ length: 9 }, (_, n) => start + (n + 1) * 200));
});

describe('what is put off', () => {
  test('has not been tried: the row waits as it did, and no attempt stands anywhere', async () => {
    const { workers, chats } = await twoWorkers({ perSecond: 1, burst: 1 });
    const [one, other] = (await chats(2)) as [Chat, Chat];
    await workers[0].sendMessage(one.actor, await one.queue('first'));
    const work = await other.queue('second');
    expect(await workers[1].sendMessage(other.actor, work)).toEqual({ kind: 'put-off', forMs: 1_000 });
    expect(await other.row(work)).toMatchObject({ status: 'pending', attempts: 0, attemptId: null });
    expect(await other.tried(work)).toEqual([]);
    // Asked again too early, it is told the same time, and takes no second one.
    expect(await workers[0].sendMessage(other.actor, again(work))).toEqual({ kind: 'put-off', forMs: 1_000 });
  });

  test('can be taken back as anything that waits', async () => {
    const { clock, calls, workers, chats } = await twoWorkers({ perSecond: 1, burst: 1 });
    const [one, other] = (await chats(2)) as [Chat, Chat];
    await workers[0].sendMessage(one.actor, await one.queue('first'));
    const work = await other.queue('second');
    await workers[0].sendMessage(other.actor, work);
    await other.query(`UPDATE outbound SET status = 'cancelled' WHERE conversation_id = $1`, [
      other.actor.conversationId,
    ]);
    clock.now += 1_000;
    expect(await workers[0].sendMessage(other.actor, again(work))).toEqual({ kind: 'superseded' });
    expect(calls).toHaveLength(1);
  });

  test('comes behind the end of a Retry-After, each at its own time', async () => {
    const { clock, workers, chats, account } = await twoWorkers({ perSecond: 10, burst: 1 });
    const all = await chats(3);
    const works = await Promise.all(all.map((chat) => chat.queue('hello')));
    await all[0]?.query(`INSERT INTO connection_rates (account_id, connection_id, blocked_until) VALUES ($1, $2, $3)`, [
      account.accountId,
      account.channelId,
      new Date(clock.now + 30_000),
    ]);
    const told = [];
    for (const [n, chat] of all.entries())
      told.push(await workers[n % 2 ? 0 : 1].sendMessage(chat.actor, required(works[n])));
    expect(told.map(putOffMs)).toEqual([30_000, 30_100, 30_200]);
  });
});

test('a message in parts counts for as many sends', async () => {
  const { workers, chats } = await twoWorkers({ perSecond: 1, burst: 1 }, { maxChars: 20 });
  const [one, other] = (await chats(2)) as [Chat, Chat];
  await workers[0].sendMessage(one.actor, await one.queue('one two three four five six seven eight nine ten'));
  expect(await workers[1].sendMessage(other.actor, await other.queue('second'))).toEqual({
    kind: 'put-off',
    forMs: 3_000,
  });
});

describe('the rate', () => {
  const usual = { perSecond: 1, burst: 1 };
  const twice = async (rate: object | null | undefined, own: boolean) => {
    const { workers, chats, account } = await twoWorkers(null, { usual, type: 'usual' });
    const [one, other] = (await chats(2)) as [Chat, Chat];
    if (own) await one.query(`UPDATE channels SET settings = $2 WHERE id = $1`, [account.channelId, { rate }]);
    await workers[0].sendMessage(one.actor, await one.queue('first'));
    return workers[1].sendMessage(other.actor, await other.queue('second'));
  };

  test('is the network’s usual one where the connection says nothing', async () => {
    expect(await twice(undefined, false)).toEqual({ kind: 'put-off', forMs: 1_000 });
  });

  test('is the connection’s own where it says one, or none', async () => {
    expect(await twice({ perSecond: 4, burst: 1 }, true)).toEqual({ kind: 'put-off', forMs: 250 });
    expect(await twice(null, true)).toEqual({ kind: 'sent' });
  });

  test('is none, unless somebody says so', async () => {
    const { workers, chats } = await twoWorkers(null);
    const all = await chats(5);
    for (const chat of all)
      expect(await workers[0].sendMessage(chat.actor, await chat.queue('x'))).toEqual({ kind: 'sent' });
  });
});
