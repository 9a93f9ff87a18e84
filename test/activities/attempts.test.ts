import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTime } from '../../activities/attempt.ts';
import type { WorkActivities } from '../../activities/contract.ts';
import { createPool } from '../../store/connection.ts';
import { wordlessFailures } from '../../worker/interceptors.ts';
import { createMetrics } from '../../worker/metrics.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { ConversationWork } from '../../workflows/conversation/work.ts';
import { again, type Chat } from './chat.ts';
import { createSetting, network, withChannel, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());

/** One of each kind, about the same conversation. */
async function everyWork(chat: Chat): Promise<ConversationWork[]> {
  const deskId = await setting.addDesk(chat.account.accountId);
  const send = await chat.queue('Ada Canary says hello', { author: 'agent' });
  const line = await chat.queue('Ada Canary asks', { author: 'customer', desk: { deskId, handover: 1 } });
  const asked = { lane: 'ask', notBeforeAt: 0 } as const;
  const atDesk = { lane: `desk:${deskId}`, notBeforeAt: 0, deskId, handover: 1, attempt: 1 } as const;
  const messages = { from: 1, to: 1 };
  const turn = { turn: 1, botId: chat.account.botId, about: { kind: 'messages' }, epoch: 0, attempt: 1 } as const;
  const form = { policyVersion: 1, field: 0, messages };
  return [
    { kind: 'AskBot', id: 'AskBot:1:1', ...asked, ...turn, messages, timeoutMs: 300, deferMs: 1_000 },
    { kind: 'CheckPresence', id: 'CheckPresence:1:1', ...asked, handover: 1, requestId: 'bot:1' },
    { kind: 'RouteHandover', id: 'RouteHandover:1:1', ...asked, handover: 1, requestId: 'bot:1', agentStatus: null },
    { kind: 'CheckAnswer', id: 'CheckAnswer:1:1', ...asked, handover: 1, requestId: 'bot:1', ...form },
    send,
    { kind: 'OpenAtDesk', id: 'OpenAtDesk:1:1', ...atDesk, requestId: 'bot:1' },
    { kind: 'SendToDesk', id: `SendToDesk:${line.outbound.seq}:1`, ...atDesk, outbound: line.outbound },
    { kind: 'TellDesk', id: 'TellDesk:1:1', ...atDesk, no: 1, news: 'closed' },
  ];
}

/** As a worker does. */
function perform(work: WorkActivities, actor: ActorId, one: ConversationWork): Promise<unknown> {
  const name = `${one.kind.charAt(0).toLowerCase()}${one.kind.slice(1)}` as keyof WorkActivities;
  const logger = new DefaultLogger('ERROR');
  const inbound = wordlessFailures(pino({ level: 'silent' }), createMetrics());
  const worker = new MockActivityEnvironment({ activityType: name }, { interceptors: [() => ({ inbound })], logger });
  return worker.run(work[name] as (actor: ActorId, one: ConversationWork) => Promise<unknown>, actor, one);
}

describe('An attempt', () => {
  test('ends in time, whatever its adapter does, and its outcome is unknown', async () => {
    const deaf = withChannel('deaf', network('none', { send: () => new Promise(() => undefined) }));
    const work = setting.another({ channels: deaf, limits: { sendMs: 50 } });
    const chat = await setting.chat({ channelType: 'deaf' });
    const message = await chat.queue('Hello?');
    expect(await work.sendMessage(chat.actor, message)).toMatchObject({ class: 'ambiguous' });
    expect(await chat.row(message)).toMatchObject({ status: 'ambiguous' });
  });

  test('ends when Temporal cancels it, and still says what it knows', async () => {
    const chat = await setting.chat();
    const message = await chat.queue('Hello?');
    setting.channel.next('hang');
    const environment = new MockActivityEnvironment();
    const outcome = environment.run(() => setting.work.sendMessage(chat.actor, message));
    await setting.channel.books.until((books) => books.attemptsOf(chat.key(message)) === 1);
    environment.cancel();
    expect(await outcome).toMatchObject({ kind: 'failed', class: 'ambiguous' });
    expect(await chat.row(message)).toMatchObject({ status: 'ambiguous' });
  });

  test.each([
    ['is asked to leave', {}, true],
    [
      'goes on where Temporal waits for it no longer: what was begun is better known than unknown',
      { notFound: true },
      false,
    ],
    ['goes on where Temporal took its worker for dead', { timedOut: true }, false],
  ])('%s', async (_, details, leaves) => {
    const environment = new MockActivityEnvironment();
    const leavesIn = (signal: AbortSignal): Promise<boolean> => {
      environment.cancel('CANCELLED', new ActivityCancellationDetails(details));
      return Promise.resolve(signal.aborted);
    };
    expect(await environment.run(() => inTime(1_000, leavesIn, null))).toBe(leaves);
  });

  test('what comes of it under a killed worker’s name is told apart, though Temporal repeats it under the same id', async () => {
    const chat = await setting.chat();
    const message = await chat.queue('Hello?');
    setting.channel.next({ status: 500 });
    await setting.work.sendMessage(chat.actor, message);
    const before = await chat.row(message);
    await setting.work.sendMessage(chat.actor, message);
    expect((await chat.row(message)).attemptId).not.toBe(before.attemptId);
    expect(await chat.tried(message)).toEqual(['begun', 'not-sent', 'begun', 'sent']);
  });
});

describe('No word of a person, a provider or a database goes into a history', () => {
  const canary = /canary|secret words/i;
  const form = JSON.stringify([{ name: 'it', question: 'What?', type: 'text', required: true }]);

  async function chatOfCanaries(): Promise<Chat> {
    const chat = await setting.chat();
    await chat.query('UPDATE policies SET form = $1', [form]);
    await chat.query(`UPDATE messages SET content = '{"text": "Canary asks"}'`);
    await chat.query(
      `INSERT INTO handover_requests (account_id, conversation_id, id, reason, skill, webstore, data, created_at)
       VALUES ($1, $2, 'bot:1', 'Canary', 'Canary', 'Canary', '{"name": "Canary"}', now())`,
      [chat.actor.accountId, chat.actor.conversationId],
    );
    return chat;
  }

  test('not in an outcome, whether it went well', async () => {
    setting.bot.script(() => ({ messages: ['Dear Canary'], handover: { reason: 'Canary', data: { name: 'Canary' } } }));
    setting.desk.script(() => null);
    const chat = await chatOfCanaries();
    for (const work of await everyWork(chat)) {
      const outcome = await perform(setting.work, chat.actor, work);
      expect(outcome).not.toMatchObject({ kind: 'failed' });
      expect(JSON.stringify(outcome)).not.toMatch(canary);
    }
  });

  test('nor badly', async () => {
    const bad = { status: 400, body: { error: 'secret words about Canary' } };
    setting.bot.script(() => bad);
    setting.desk.script(() => bad);
    setting.channel.next(bad);
    const chat = await chatOfCanaries();
    const outcomes = [];
    for (const work of await everyWork(chat)) {
      outcomes.push(await perform(setting.work, chat.actor, work));
    }
    setting.desk.script(() => null);
    expect(outcomes.filter((outcome) => (outcome as { kind: string }).kind === 'failed')).toHaveLength(5);
    expect(JSON.stringify(outcomes)).not.toMatch(canary);
  });

  test('nor in what an activity throws when Postgres is away, and Temporal may repeat that', async () => {
    const gone = createPool({ url: 'postgres://canary:secret@127.0.0.1:1/canary', max: 1, name: 'gone' });
    const chat = await chatOfCanaries();
    const work = setting.another({ pool: gone });
    for (const one of await everyWork(chat)) {
      await expect(perform(work, chat.actor, one)).rejects.toMatchObject({
        type: 'ECONNREFUSED',
        message: 'ECONNREFUSED',
        nonRetryable: false,
        cause: undefined,
      });
    }
    await gone.end();
  });

  test('nor where Postgres refuses the values; repeating that would help nobody', async () => {
    const chat = await setting.chat();
    const message = await chat.queue('Hello');
    const crossed = { ...chat.actor, conversationId: 'Canary' };
    await expect(perform(setting.work, crossed, again(message))).rejects.toMatchObject({
      type: '22P02',
      message: '22P02',
      nonRetryable: true,
    });
  });
});
