import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { again, Chat } from './chat.ts';
import { createSetting, network, withChannel, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

describe('An attempt answers its outcome by class, and the row says the same', () => {
  test('sent: with the provider’s id, once, also when the activity is repeated', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('Good morning');

    expect(await work.sendMessage(chat.actor, message)).toEqual({ kind: 'sent' });
    expect(await work.sendMessage(chat.actor, message)).toEqual({ kind: 'sent' });
    expect(await work.sendMessage(chat.actor, again(message))).toEqual({ kind: 'sent' });

    const [delivery, ...more] = channel.books.byThread(chat.thread);
    expect(more).toEqual([]);
    expect(delivery).toMatchObject({
      key: chat.key(message),
      text: 'Good morning',
      contactId: `visitor-${chat.thread}`,
      author: { kind: 'agent', name: 'Ann' },
    });
    expect(await chat.row(message)).toMatchObject({ status: 'sent', providerId: delivery?.id, attempts: 1 });
    expect(await chat.tried(message)).toEqual(['begun', 'sent']);
  });

  test.each([
    [500, 'retryable'],
    [401, 'auth'],
    [422, 'content-rejected'],
    [400, 'permanent'],
  ])('surely not sent (%i is %s): back to pending, and the next attempt sends it', async (status, failureClass) => {
    const { channel, work } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('Again, please');
    channel.next({ status, body: { error: 'words of a provider' } });

    const outcome = await work.sendMessage(chat.actor, message);
    expect(outcome).toEqual({ kind: 'failed', class: failureClass, retryAfterMs: null });
    expect(await chat.row(message)).toMatchObject({ status: 'pending', waits: false });
    expect(await chat.tried(message)).toEqual(['begun', 'not-sent']);

    expect(await work.sendMessage(chat.actor, again(message))).toEqual({ kind: 'sent' });
    expect(channel.books.texts(chat.thread)).toEqual(['Again, please']);
  });

  test('a channel that refuses connections surely got nothing', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('Anybody there?');
    await channel.die();
    const outcome = await work.sendMessage(chat.actor, message);
    await channel.revive();

    expect(outcome).toEqual({ kind: 'failed', class: 'retryable', retryAfterMs: null });
    expect(await chat.row(message)).toMatchObject({ status: 'pending' });
  });

  test('content that no rule makes fit is refused whole, and the channel is not called', async () => {
    const { channel, another } = setting;
    const mute = withChannel('mute', network('none', { send: () => expect.unreachable() }, { dir: 'none' }));
    const chat = await setting.chat({ channelType: 'mute' });
    const message = await chat.queue('Nobody can show this');
    const outcome = await another({ channels: mute }).sendMessage(chat.actor, message);

    expect(outcome).toEqual({ kind: 'failed', class: 'content-rejected', retryAfterMs: null });
    expect(channel.books.attemptsOf(chat.key(message))).toBe(0);
  });

  test('words that were erased before they were sent are not sent', async () => {
    const { work } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('To be forgotten');
    await chat.query('UPDATE messages SET content = NULL WHERE conversation_id = $1', [chat.actor.conversationId]);
    expect(await work.sendMessage(chat.actor, message)).toMatchObject({ kind: 'failed', class: 'content-rejected' });
  });

  test('a channel that is switched off keeps the message until somebody has looked at it', async () => {
    const { work } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('Later');
    await chat.query('UPDATE channels SET disabled_at = now()');
    expect(await work.sendMessage(chat.actor, message)).toMatchObject({ kind: 'failed', class: 'auth' });
    expect(await chat.row(message)).toMatchObject({ status: 'pending' });
  });

  test('work for a row that was never recorded, or of another account, fails for good', async () => {
    const { work } = setting;
    const [ours, theirs] = [await setting.chat(), await setting.chat()];
    const message = await theirs.queue('Not yours');
    const crossed = { accountId: ours.actor.accountId, conversationId: theirs.actor.conversationId };
    expect(await work.sendMessage(crossed, message)).toEqual({
      kind: 'failed',
      class: 'permanent',
      retryAfterMs: null,
    });
    expect(await theirs.row(message)).toMatchObject({ status: 'pending' });
  });
});

describe('R8: a Retry-After binds every worker that uses the connection', () => {
  test('the message waits as long as it says, and so does every other of the connection, without a call', async () => {
    const { channel, work, another, passed } = setting;
    const account = await setting.account();
    const [one, other] = [await Chat.begin(setting.pool, account), await Chat.begin(setting.pool, account)];
    const [first, second] = [await one.queue('one'), await other.queue('two')];
    channel.next({ status: 429, headers: { 'retry-after': '30' } });

    expect(await work.sendMessage(one.actor, first)).toEqual({
      kind: 'failed',
      class: 'throttled',
      retryAfterMs: 30_000,
    });
    expect(await one.row(first)).toMatchObject({ status: 'pending', waits: true });

    const held = await another().sendMessage(other.actor, second);
    expect(held).toMatchObject({ kind: 'put-off' });
    expect((held as { forMs: number }).forMs).toBeGreaterThan(20_000);
    expect(channel.books.attemptsOf(other.key(second))).toBe(0);

    passed.ms += 30_001;
    try {
      expect(await another().sendMessage(other.actor, again(second))).toEqual({ kind: 'sent' });
      expect(await work.sendMessage(one.actor, again(first))).toEqual({ kind: 'sent' });
    } finally {
      passed.ms = 0;
    }
  });

  test('other connections go on, also of the same account', async () => {
    const { channel, work } = setting;
    const [one, other] = [await setting.chat(), await setting.chat()];
    channel.next({ status: 429, headers: { 'retry-after': '30' } });
    await work.sendMessage(one.actor, await one.queue('one'));
    expect(await work.sendMessage(other.actor, await other.queue('two'))).toEqual({ kind: 'sent' });
  });

  test('a 429 without a time leaves the connection alone for a moment', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat();
    channel.next({ status: 429 });
    expect(await work.sendMessage(chat.actor, await chat.queue('one'))).toMatchObject({
      class: 'throttled',
      retryAfterMs: 1_000,
    });
  });
});

describe('What people see', () => {
  test('`sent` stands on the feed, once', async () => {
    const chat = await setting.chat();
    const message = await chat.queue('Seen');
    await setting.work.sendMessage(chat.actor, message);
    await setting.work.sendMessage(chat.actor, message);
    expect(await chat.query('SELECT status, seq FROM receipts')).toEqual([{ status: 'sent', seq: 1 }]);
  });
});
