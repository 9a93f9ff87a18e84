import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadActor } from '../../store/actor.ts';
import { inAccount } from '../../store/connection.ts';
import { recordDecision, type DecisionRecord } from '../../store/record.ts';
import { initialState } from '../../workflows/conversation/initial.ts';
import { projectConversation } from '../../workflows/conversation/project.ts';
import { decision } from '../store/decision.ts';
import { again, type Chat } from './chat.ts';
import { createSetting, network, withChannel, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

const holds = { bot: 'bot', person: 'agent', queue: 'engine' } as const;

/** The baton passes, as a record writes it. */
async function pass(chat: Chat, to: keyof typeof holds, epoch: number): Promise<void> {
  await chat.query('UPDATE conversations SET epoch = $1, holder_kind = $2', [epoch, holds[to]]);
}

describe('B-2: a bot’s words that are not yet being sent when a person takes over are never sent', () => {
  test('200 times at the same moment, by the real record: sent before it, or never', { timeout: 120_000 }, async () => {
    const { channel, work } = setting;
    const met = { cancelled: 0, sent: 0 };
    for (let round = 0; round < 200; round += 1) {
      const chat = await setting.chat({ agents: 0 });
      const message = await chat.queue('The bot', { author: 'bot' });
      const [outcome, recorded] = await racing(
        round,
        () => work.sendMessage(chat.actor, message),
        () => recordDecision(setting.pool, takeOver(chat, message.outbound.seq)),
      );

      expect(recorded.kind).toBe('recorded');
      const { status } = await chat.row(message);
      expect(status === 'cancelled' || status === 'sent').toBe(true);
      met[status as keyof typeof met] += 1;
      expect(outcome.kind).toBe(status === 'sent' ? 'sent' : 'superseded');
      expect(channel.books.attemptsOf(chat.key(message))).toBe(status === 'sent' ? 1 : 0);
      expect(await work.sendMessage(chat.actor, again(message))).toEqual(outcome);
    }
    expect(Math.min(met.cancelled, met.sent)).toBeGreaterThan(0);
  });

  test(
    '200 times, with nothing but the epoch to hold it back: what was pending when it moved is never sent',
    { timeout: 120_000 },
    async () => {
      const { channel, work } = setting;
      const seen = new Set<string>();
      for (let round = 0; round < 200; round += 1) {
        const chat = await setting.chat({ agents: 0 });
        const message = await chat.queue('The bot', { author: 'bot' });
        const [outcome, statusThen] = await racing(
          round,
          () => work.sendMessage(chat.actor, message),
          () =>
            chat.in(async (tx) => {
              await tx.query(`UPDATE conversations SET epoch = epoch + 1, holder_kind = 'agent'`);
              const { rows } = await tx.query<{ status: string }>('SELECT status FROM outbound');
              return rows[0]?.status;
            }),
        );
        const pending = statusThen === 'pending';
        seen.add(String(pending));
        expect(outcome.kind).toBe(pending ? 'superseded' : 'sent');
        expect(channel.books.attemptsOf(chat.key(message))).toBe(pending ? 0 : 1);
      }
      expect(seen.size).toBe(2);
    },
  );

  test('what a killed worker may have sent is not sent again after the take-over, nor after the hand-back', async () => {
    const { another } = setting;
    const sent: string[] = [];
    const keyed = another({ channels: withChannel('keyed', network('key', { send: (key) => sent.push(key) })) });
    const chat = await setting.chat({ channelType: 'keyed' });
    const message = await chat.queue('The bot', { author: 'bot' });
    await chat.leaveSending(message);

    await pass(chat, 'person', 1);
    expect(await keyed.sendMessage(chat.actor, message)).toEqual({ kind: 'superseded' });
    await pass(chat, 'bot', 2);
    expect(await keyed.sendMessage(chat.actor, again(message))).toEqual({ kind: 'superseded' });
    await pass(chat, 'queue', 3);
    expect(await keyed.sendMessage(chat.actor, again(again(message)))).toEqual({ kind: 'superseded' });
    expect(sent).toEqual([]);
  });

  test('taken back while it was being sent by a worker that dies with the run: the next run says that nobody knows', async () => {
    const { pool } = setting;
    const chat = await setting.chat({ agents: 0 });
    const [message, other] = [
      await chat.queue('The bot', { author: 'bot' }),
      await chat.queue('More', { author: 'bot' }),
    ];
    await chat.leaveSending(message);
    await chat.leaveSending(other);
    expect(await recordDecision(pool, takeOver(chat, message.outbound.seq))).toMatchObject({ kind: 'recorded' });
    expect(await chat.row(message)).toMatchObject({ status: 'sending' });
    const { accountId, conversationId } = chat.actor;
    const run = { runId: 'the next', build: 'test', inHand: null, now: new Date() };
    await inAccount(pool, accountId, (tx) => loadActor(tx, accountId, conversationId, run));
    expect(await chat.row(message)).toMatchObject({ status: 'unknown' });
    // The conversation still wants this one sent: its next attempt finds out.
    expect(await chat.row(other)).toMatchObject({ status: 'sending' });
  });

  test.each([
    [{ status: 500 }, 'retryable', ['begun', 'not-sent']],
    ['drop' as const, 'ambiguous', ['begun', 'unclear']],
  ])(
    'taken back while it was being sent, and then %j: the row says cancelled, as the conversation does',
    async (answer, failureClass, tried) => {
      const { channel, work } = setting;
      const chat = await setting.chat({ agents: 0 });
      const message = await chat.queue('The bot', { author: 'bot' });
      let taken: Promise<unknown> | undefined;
      channel.plan(({ key }) => {
        if (key !== chat.key(message)) return null;
        taken = recordDecision(setting.pool, takeOver(chat, message.outbound.seq));
        return answer;
      });
      const outcome = await work.sendMessage(chat.actor, message);
      channel.plan(null);
      expect(await taken).toMatchObject({ kind: 'recorded' });
      expect(outcome).toMatchObject({ kind: 'failed', class: failureClass });
      expect(await chat.row(message)).toMatchObject({ status: 'cancelled' });
      expect(await chat.tried(message)).toEqual(tried);
      expect(await work.sendMessage(chat.actor, message)).toEqual({ kind: 'superseded' });
    },
  );

  test('taken back while a killed worker had it: found cancelled, and not asked for', async () => {
    const { work } = setting;
    const chat = await setting.chat({ agents: 0 });
    const message = await chat.queue('The bot', { author: 'bot' });
    await chat.leaveSending(message);
    await recordDecision(setting.pool, takeOver(chat, message.outbound.seq));
    expect(await work.sendMessage(chat.actor, message)).toEqual({ kind: 'superseded' });
    expect(await chat.row(message)).toMatchObject({ status: 'cancelled' });
  });

  test('a send that failed is not tried again once a person has the chat', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('The bot', { author: 'bot' });
    channel.next({ status: 500 });
    await work.sendMessage(chat.actor, message);
    await pass(chat, 'person', 1);
    expect(await work.sendMessage(chat.actor, again(message))).toEqual({ kind: 'superseded' });
    expect(await chat.tried(message)).toEqual(['begun', 'not-sent', 'superseded']);
  });

  test('a bot’s last words (“I’ll get you somebody”) still follow it into the queue', async () => {
    const { channel, work } = setting;
    const chat = await setting.chat();
    const [first, second] = [
      await chat.queue('One moment', { author: 'bot' }),
      await chat.queue('I’ll get you somebody', { author: 'bot' }),
    ];
    channel.next({ status: 500 });
    await work.sendMessage(chat.actor, first);
    await pass(chat, 'queue', 1);
    expect(await work.sendMessage(chat.actor, again(first))).toEqual({ kind: 'sent' });
    expect(await work.sendMessage(chat.actor, second)).toEqual({ kind: 'sent' });
  });

  test.each(['agent', 'desk', 'engine'])(
    'accepted words of %s always go, whoever holds the baton now',
    async (author) => {
      const { work } = setting;
      const chat = await setting.chat();
      const message = await chat.queue('Accepted', { author, epoch: 1 });
      await pass(chat, 'bot', 7);
      expect(await work.sendMessage(chat.actor, message)).toEqual({ kind: 'sent' });
    },
  );
});

test.each([
  ['is sending', 'sending', 'content-rejected'],
  ['has sent', 'sent', 'content-rejected'],
  ['is sending, and which were held too long,', 'sending', 'window-closed'],
  ['has sent, and which were held too long,', 'sent', 'window-closed'],
] as const)(
  'R8: words that an attempt of another run %s have not failed: the record is refused whole',
  async (_what, status, failureClass) => {
    const { pool, work } = setting;
    const chat = await setting.chat();
    const message = await chat.queue('Accepted', { author: 'agent' });
    if (status === 'sending') await chat.leaveSending(message);
    else await work.sendMessage(chat.actor, message);
    const settle = [{ seq: message.outbound.seq, as: 'failed' as const, class: failureClass }];
    const refused = await recordDecision(pool, decision(chat.actor, { settle }));
    expect(refused).toEqual({ kind: 'refused', code: 'another-attempt' });
    expect(await chat.row(message)).toMatchObject({ status });
    expect(await chat.query('SELECT version FROM actors')).toEqual([{ version: 0 }]);
  },
);

/** Both at once; which of them starts first alternates, so that neither always wins. */
async function racing<A, B>(round: number, one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
  // So that each is first at times, whatever the machine makes of the race.
  if (round % 10 === 0) return [await one(), await other()];
  if (round % 10 === 1) {
    const first = await other();
    return [await one(), first];
  }
  if (round % 2) return Promise.all([one(), other()]);
  const second = other();
  return Promise.all([one(), second]);
}

function takeOver(chat: Chat, seq: number): DecisionRecord {
  const now = Date.now();
  const event = { type: 'MessageCancelled', at: now, seq, because: 'takeover' };
  return decision(chat.actor, {
    seq: 1,
    lastAt: now,
    now,
    row: {
      ...projectConversation(initialState),
      phase: 'assigned',
      holderKind: 'agent',
      epoch: 1,
      sessionNo: 1,
      locked: true,
    },
    cancel: [seq],
    events: [{ type: event.type, at: now, data: JSON.stringify({ event }), messageId: null }],
  });
}
