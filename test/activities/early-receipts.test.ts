import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptInbound } from '../../store/inbound.ts';
import { again, type Chat } from './chat.ts';
import { createSetting, network, withChannel, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

describe('R7: receipts that were faster', () => {
  async function receive(chat: Chat, providerId: string, ...statuses: ('sent' | 'delivered' | 'read' | 'failed')[]) {
    for (const status of statuses) {
      const item = { kind: 'receipt', externalId: null, providerId, status } as const;
      const { accountId, channelId: sourceId } = chat.account;
      await acceptInbound(setting.pool, { accountId, sourceId, at: Date.now(), items: [item] });
    }
  }

  test.each([
    [['delivered'], 'delivered'],
    [['read', 'delivered'], 'read'],
    [['delivered', 'failed'], 'delivered'],
  ] as const)('%j came before the send returned: the message is %s', async (statuses, status) => {
    const { another } = setting;
    const chat = await setting.chat({ channelType: 'early' });
    const early = withChannel('early', network('none', { send: (key) => receive(chat, `id of ${key}`, ...statuses) }));
    const message = await chat.queue('Fast');
    expect(await another({ channels: early }).sendMessage(chat.actor, message)).toEqual({ kind: 'sent' });
    expect(await chat.row(message)).toMatchObject({ status });
    const unjoined = await chat.query('SELECT 1 FROM receipts WHERE seq IS NULL');
    expect(unjoined).toEqual([]);
  });

  test('a failure that came before the send returned is the message’s end, and `delivered` after it changes nothing', async () => {
    const { another } = setting;
    const chat = await setting.chat({ channelType: 'early' });
    const early = withChannel(
      'early',
      network('none', { send: (key) => receive(chat, `id of ${key}`, 'failed', 'delivered') }),
    );
    const message = await chat.queue('Fast');
    const failed = { kind: 'failed', class: 'permanent', retryAfterMs: null };
    expect(await another({ channels: early }).sendMessage(chat.actor, message)).toEqual(failed);
    expect(await chat.row(message)).toMatchObject({ status: 'failed', class: 'permanent' });
    expect(await another({ channels: early }).sendMessage(chat.actor, again(message))).toEqual(failed);
  });

  test('200 receipts at the same moment as the mark: none is left unjoined', async () => {
    const { another } = setting;
    const chat = await setting.chat({ channelType: 'racing' });
    const receipts: Promise<void>[] = [];
    const racing = withChannel(
      'racing',
      network('none', { send: (key) => void receipts.push(receive(chat, `id of ${key}`, 'delivered')) }),
    );
    const work = another({ channels: racing });
    for (let round = 0; round < 20; round += 1) {
      const messages = await Promise.all(Array.from({ length: 10 }, () => chat.queue('Fast')));
      await Promise.all(messages.map((message) => work.sendMessage(chat.actor, message)));
    }
    await Promise.all(receipts);
    expect(await chat.query('SELECT 1 FROM receipts WHERE seq IS NULL')).toEqual([]);
    const rows = await chat.query('SELECT DISTINCT status FROM outbound');
    expect(rows).toEqual([{ status: 'delivered' }]);
  });
});
