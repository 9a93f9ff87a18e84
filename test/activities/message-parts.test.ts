import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptInbound } from '../../store/inbound.ts';
import { again } from './chat.ts';
import { createSetting, network, withChannel, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

describe('A message that its channel takes only in parts', () => {
  const long = `${'a'.repeat(18)} ${'b'.repeat(18)} ${'c'.repeat(18)}`;

  test('goes in order; its last part has the message’s own key', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat({ channelSettings: { maxChars: 20 } });
    const message = await chat.queue(long);
    expect(await work.sendMessage(chat.actor, message)).toEqual({ kind: 'sent' });
    const key = chat.key(message);
    expect(channel.books.byThread(chat.thread).map((part) => part.key)).toEqual([`${key}:1`, `${key}:2`, key]);
    const [last] = channel.books.byKey(key);
    expect(await chat.row(message)).toMatchObject({ status: 'sent', providerId: last?.id });
  });

  test('what has surely arrived is not sent again by the next attempt', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat({ channelSettings: { maxChars: 20 } });
    const message = await chat.queue(long);
    channel.next('accept', { status: 500 });
    expect(await work.sendMessage(chat.actor, message)).toMatchObject({ class: 'retryable' });
    channel.next('accept', { status: 500 });
    expect(await work.sendMessage(chat.actor, again(message))).toMatchObject({ class: 'retryable' });
    expect(await work.sendMessage(chat.actor, again(again(message)))).toEqual({ kind: 'sent' });
    expect(channel.books.texts(chat.thread)).toEqual(['a'.repeat(18), 'b'.repeat(18), 'c'.repeat(18)]);
  });

  test('reconciling asks for the part that was on its way, and goes on behind it', async () => {
    const { another } = setting;
    const [asked, sent]: [string[], string[]] = [[], []];
    const asking = withChannel(
      'asking',
      network(
        'reconcile',
        { send: (key) => sent.push(key), reconcile: (key) => (asked.push(key), 'sent') },
        { maxChars: 20 },
      ),
    );
    const chat = await setting.chat({ channelType: 'asking' });
    const message = await chat.queue(long);
    await chat.leaveSending(message);
    expect(await another({ channels: asking }).sendMessage(chat.actor, message)).toEqual({ kind: 'sent' });
    expect(asked).toEqual([`${chat.key(message)}:1`]);
    expect(sent).toEqual([`${chat.key(message)}:2`, chat.key(message)]);
  });

  test('a part that failed for good fails its message, also by a receipt that was faster', async () => {
    const { another } = setting;
    const chat = await setting.chat({ channelType: 'early' });
    const { accountId, channelId: sourceId } = chat.account;
    const early = withChannel(
      'early',
      network(
        'none',
        {
          send: async (key) => {
            const item = { kind: 'receipt', externalId: null, providerId: `id of ${key}`, status: 'failed' } as const;
            if (key.endsWith(':1'))
              await acceptInbound(setting.pool, { accountId, sourceId, at: Date.now(), items: [item] });
          },
        },
        { maxChars: 20 },
      ),
    );
    const message = await chat.queue(long);
    expect(await another({ channels: early }).sendMessage(chat.actor, message)).toMatchObject({ class: 'permanent' });
    expect(await chat.row(message)).toMatchObject({ status: 'failed' });
  });
});
