import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../adapters/contract/call.ts';
import { again, againUnclear } from './chat.ts';
import { createSetting, network, withChannel, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

describe('R8: an attempt whose outcome is unknown is never repeated blindly', () => {
  test.each(['accept-and-drop', 'drop', 'hang'] as const)(
    'after %s the message is ambiguous, and stays so at most once',
    async (answer) => {
      const { channel, another } = setting;
      const work = another({ limits: { sendMs: 300 } });
      const chat = await setting.chat();
      const message = await chat.queue('Did it arrive?');
      channel.next(answer);

      const unclear = { kind: 'failed', class: 'ambiguous', retryAfterMs: null };
      expect(await work.sendMessage(chat.actor, message)).toEqual(unclear);
      expect(await chat.row(message)).toMatchObject({ status: 'ambiguous' });
      expect(await work.sendMessage(chat.actor, again(message))).toEqual(unclear);
      expect(await work.sendMessage(chat.actor, again(again(message)))).toEqual(unclear);
      expect(channel.books.attemptsOf(chat.key(message))).toBe(1);
      expect(await chat.tried(message)).toEqual(['begun', 'unclear']);
    },
  );

  test('a worker killed between sending and marking: the next attempt finds it, says so, and doesn’t send', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('Once');
    await chat.leaveSending(message);

    // Temporal repeats the activity under the same work id, and the core's next attempt has another: neither sends.
    expect(await work.sendMessage(chat.actor, message)).toMatchObject({ class: 'ambiguous' });
    expect(await work.sendMessage(chat.actor, again(message))).toMatchObject({ class: 'ambiguous' });
    expect(channel.books.attemptsOf(chat.key(message))).toBe(0);
    expect(await chat.row(message)).toMatchObject({ status: 'ambiguous' });
    expect(await chat.tried(message)).toEqual(['unclear']);
  });

  test('at least once, by the policy of the conversation: the attempt after the one that found it sends again', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat({ numbers: { delivery: { onAmbiguous: 'at-least-once' } } });
    const message = await chat.queue('Rather twice than never');
    await chat.leaveSending(message);

    expect(await work.sendMessage(chat.actor, message)).toMatchObject({ class: 'ambiguous' });
    expect(channel.books.attemptsOf(chat.key(message))).toBe(0);
    expect(await work.sendMessage(chat.actor, againUnclear(message))).toEqual({ kind: 'sent' });
    expect(channel.books.byThread(chat.thread)).toHaveLength(1);
  });

  test('at least once, but the actor hears first that it may have arrived: else one that fails then would count as failed', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat({ numbers: { delivery: { onAmbiguous: 'at-least-once' } } });
    const message = await chat.queue('Did it arrive?');
    channel.next('accept-and-drop');
    // The worker dies with the outcome, and Temporal repeats the activity.
    await work.sendMessage(chat.actor, message);
    expect(await work.sendMessage(chat.actor, message)).toMatchObject({ class: 'ambiguous' });
    expect(channel.books.attemptsOf(chat.key(message))).toBe(1);
  });

  test('a group may have a policy of its own for it', async () => {
    const { work } = setting;
    const chat = await setting.chat();
    const { groupId } = chat.account;
    await chat.query('UPDATE policies SET groups = $1', [
      { [groupId]: { delivery: { onAmbiguous: 'at-least-once' } } },
    ]);
    await chat.query('UPDATE conversations SET group_id = $1', [groupId]);
    const message = await chat.queue('Rather twice than never');
    await chat.leaveSending(message);
    await work.sendMessage(chat.actor, message);
    expect(await work.sendMessage(chat.actor, againUnclear(message))).toEqual({ kind: 'sent' });
  });

  test('a channel that honours the key gets it again at once, and has it once', async () => {
    const { another } = setting;
    const seen: string[] = [];
    const keyed = withChannel('keyed', network('key', { send: (key) => seen.push(key) }));
    const chat = await setting.chat({ channelType: 'keyed' });
    const message = await chat.queue('Same key');
    await chat.leaveSending(message);

    expect(await another({ channels: keyed }).sendMessage(chat.actor, message)).toEqual({ kind: 'sent' });
    expect(seen).toEqual([chat.key(message)]);
    expect(await chat.row(message)).toMatchObject({ status: 'sent', providerId: `id of ${chat.key(message)}` });
  });

  test.each(['permanent', 'content-rejected', 'retryable'] as const)(
    'repeated at once, and failing (%s): an earlier attempt may have arrived, of which the actor hears before it calls it failed',
    async (failureClass) => {
      const no: Failure = { ok: false, class: failureClass, code: 'no', retryAfterMs: null };
      const keyed = withChannel('keyed', {
        ...network('key', { send: () => undefined }),
        delivery: { kind: 'network', send: () => Promise.resolve(no) },
      });
      const work = setting.another({ channels: keyed });
      const chat = await setting.chat({ channelType: 'keyed' });
      const message = await chat.queue('Did the first one arrive?');
      await chat.leaveSending(message);
      const unclear = { kind: 'failed', class: 'ambiguous', retryAfterMs: null, repeatable: true };
      expect(await work.sendMessage(chat.actor, message)).toEqual(unclear);
      expect(await work.sendMessage(chat.actor, againUnclear(message))).toMatchObject({ class: failureClass });
    },
  );

  test.each(['key', 'reconcile'] as const)(
    'where it can be repeated (by %s), each attempt without an answer says so, and one that has it has sent it',
    async (idempotency) => {
      const { another } = setting;
      const answers: unknown[] = ['lost', 'lost', 'lost'];
      const send = (): unknown => (answers.pop() === undefined ? 'taken' : new Promise(() => undefined));
      const deaf = withChannel('deaf', network(idempotency, { send, reconcile: () => 'absent' }));
      const work = another({ channels: deaf, limits: { sendMs: 50 } });
      const chat = await setting.chat({ channelType: 'deaf' });
      const first = await chat.queue('Anybody?');
      const second = again(first);
      const third = again(second);
      for (const message of [first, second, third]) {
        const unclear = { kind: 'failed', class: 'ambiguous', retryAfterMs: null, repeatable: true };
        expect(await work.sendMessage(chat.actor, message)).toEqual(unclear);
      }
      expect(await work.sendMessage(chat.actor, again(third))).toEqual({ kind: 'sent' });
    },
  );

  test.each([
    ['sent', { kind: 'sent' }, 0],
    ['absent', { kind: 'sent' }, 1],
    ['unknown', { kind: 'failed', class: 'ambiguous', retryAfterMs: null }, 0],
  ] as const)('a channel that can be asked and says %s', async (says, outcome, sends) => {
    const { another } = setting;
    const [asked, sent]: [string[], string[]] = [[], []];
    const asking = withChannel(
      'asking',
      network('reconcile', { send: (key) => sent.push(key), reconcile: (key) => (asked.push(key), says) }),
    );
    const chat = await setting.chat({ channelType: 'asking' });
    const message = await chat.queue('Have you got it?');
    await chat.leaveSending(message);

    expect(await another({ channels: asking }).sendMessage(chat.actor, message)).toEqual(outcome);
    expect(asked).toEqual([chat.key(message)]);
    expect(sent).toHaveLength(sends);
    expect(await chat.row(message)).toMatchObject({ status: outcome.kind === 'sent' ? 'sent' : 'ambiguous' });
  });

  test('an attempt that comes back late with the truth is believed, whatever the row says by then', async () => {
    const { another, work } = setting;
    let answer: (() => void) | undefined;
    const slow = withChannel(
      'slow',
      network('none', { send: () => new Promise<void>((resolve) => (answer = resolve)) }),
    );
    const chat = await setting.chat({ channelType: 'slow' });
    const message = await chat.queue('Slowly');
    const first = another({ channels: slow, limits: { sendMs: 10_000 } }).sendMessage(chat.actor, message);
    await expect.poll(() => answer !== undefined).toBe(true);
    expect(await another({ channels: slow }).sendMessage(chat.actor, again(message))).toMatchObject({
      class: 'ambiguous',
    });
    answer?.();
    expect(await first).toEqual({ kind: 'sent' });
    expect(await work.sendMessage(chat.actor, again(again(message)))).toEqual({ kind: 'sent' });
    expect(await chat.row(message)).toMatchObject({ status: 'sent' });
  });

  test('R3: Postgres away between the call and the mark: what is known is said again, and nothing is ambiguous', async () => {
    const { pool, another, channel } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('Just arrived');
    let away = 3;
    const flaky = new Proxy(pool, {
      get: (target, property) => {
        if (property !== 'query') return Reflect.get(target, property) as unknown;
        return async (config: { name: string }) => {
          if (config.name === 'mark-sent' && away-- > 0) throw new Error('Connection terminated unexpectedly');
          return target.query(config as never);
        };
      },
    });
    expect(await another({ pool: flaky }).sendMessage(chat.actor, message)).toEqual({ kind: 'sent' });
    expect(away).toBe(-1);
    expect(channel.books.byKey(chat.key(message))).toHaveLength(1);
    expect(await chat.tried(message)).toEqual(['begun', 'sent']);
  });
});
