import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSetting, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

describe('Web chat', () => {
  test('a message is delivered by standing in the visitor’s stream: once, in order, under any repeats at once', async () => {
    const { work, another } = setting;
    const chat = await setting.chat({ channelType: 'webchat' });
    const messages = [await chat.queue('one'), await chat.queue('two'), await chat.queue('three')];
    for (const message of messages) {
      const repeats = Array.from({ length: 8 }, (_, index) => (index % 2 ? work : another()));
      const outcomes = await Promise.all(repeats.map((worker) => worker.sendMessage(chat.actor, message)));
      expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['sent']));
    }
    const stream = await chat.query(
      `SELECT place, content->>'text' AS text FROM visitor_stream s JOIN messages m ON m.id = s.message_id ORDER BY place`,
    );
    expect(stream).toEqual([
      { place: 1, text: 'one' },
      { place: 2, text: 'two' },
      { place: 3, text: 'three' },
    ]);
    expect(await chat.tried(messages[0] as never)).toEqual(['sent']);
  });

  test('B-2: a bot’s words of an earlier epoch don’t get into the stream', async () => {
    const chat = await setting.chat({ channelType: 'webchat' });
    const message = await chat.queue('Still me', { author: 'bot', epoch: 1 });
    await chat.query(`UPDATE conversations SET epoch = 2, holder_kind = 'agent'`);
    expect(await setting.work.sendMessage(chat.actor, message)).toEqual({ kind: 'superseded' });
    expect(await chat.query('SELECT 1 FROM visitor_stream')).toEqual([]);
  });
});
