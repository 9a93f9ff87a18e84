import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BotAdapter } from '../../adapters/contract/bot.ts';
import type { ChannelAdapter } from '../../adapters/contract/channel.ts';
import type { DeskAdapter } from '../../adapters/contract/desk.ts';
import { bots } from '../../adapters/bots/registry.ts';
import { channels } from '../../adapters/channels/registry.ts';
import { desks } from '../../adapters/desks/registry.ts';
import { reportAdapterBugs } from '../../worker/adapter-bugs.ts';
import { createMetrics } from '../../worker/metrics.ts';
import { required } from '../support/required.ts';
import { createSetting, withChannel, type Setting } from './setting.ts';

let setting: Setting;

beforeAll(async () => {
  setting = await createSetting();
});
afterAll(() => setting.close());
beforeEach(() => setting.bugs.splice(0));

const http = required(channels.get('http'));
const bug = (): never => {
  throw new TypeError('words of Ada Canary');
};

type Send = Extract<ChannelAdapter['delivery'], { kind: 'network' }>['send'];
const sendOfHttp = (http.delivery as { send: Send }).send;

/** A channel whose code has this bug, and a message for it. */
async function sendBy(change: Partial<ChannelAdapter>) {
  const chat = await setting.chat({ channelType: 'broken' });
  const message = await chat.queue('Hm');
  const work = setting.another({ channels: withChannel('broken', change) });
  const outcome = await work.sendMessage(chat.actor, message);
  return { outcome, row: await chat.row(message), calls: setting.channel.books.attemptsOf(chat.key(message)) };
}

const reported = [{ adapter: 'broken', error: expect.any(TypeError) as TypeError }];

describe('A bug of an adapter is reported, and its message', () => {
  test('has failed for good where nothing was given to the network', async () => {
    const { outcome, row, calls } = await sendBy({ delivery: { kind: 'network', send: async () => bug() } });
    expect(outcome).toEqual({ kind: 'failed', class: 'permanent', retryAfterMs: null });
    expect([row.status, calls]).toEqual(['pending', 0]);
    expect(setting.bugs).toEqual(reported);
  });

  test('may have arrived where something was', async () => {
    const send: Send = async (sending, call) => {
      await sendOfHttp(sending, call);
      return bug();
    };
    const { outcome, row, calls } = await sendBy({ delivery: { kind: 'network', send } });
    expect(outcome).toEqual({ kind: 'failed', class: 'ambiguous', retryAfterMs: null });
    expect([row.status, calls]).toEqual(['ambiguous', 1]);
    expect(setting.bugs).toEqual(reported);
  });

  test('has failed for good where the bug is in what is said before sending', async () => {
    const { outcome, calls } = await sendBy({
      capabilities: (settings) => (Object.keys(settings as object).length === 0 ? http.capabilities(settings) : bug()),
    });
    expect(outcome).toEqual({ kind: 'failed', class: 'permanent', retryAfterMs: null });
    expect(calls).toBe(0);
    expect(setting.bugs).toEqual(reported);
  });

  test('is told from an adapter that throws because its time is over: that is tried again', async () => {
    const send: Send = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const chat = await setting.chat({ channelType: 'broken' });
    const work = setting.another({
      channels: withChannel('broken', { delivery: { kind: 'network', send } }),
      limits: { sendMs: 20 },
    });
    const outcome = await work.sendMessage(chat.actor, await chat.queue('Hm'));
    expect(outcome).toEqual({ kind: 'failed', class: 'retryable', retryAfterMs: null });
    expect(setting.bugs).toEqual([]);
  });
});

describe('A bug of an adapter whose receiver takes repeats as one', () => {
  const bot = required(bots.get('http'));
  const desk = required(desks.get('http'));

  test.each([
    ['before', 'permanent'],
    ['after', 'retryable'],
  ] as const)('ends a try of a bot’s turn %s the call: %s', async (when, failureClass) => {
    setting.bot.script(() => ({ messages: ['Hello'] }));
    const ask: BotAdapter['ask'] = async (turn, call) => {
      if (when === 'after') await bot.ask(turn, call);
      return bug();
    };
    const chat = await setting.chat();
    const { askBot } = setting.another({ bots: new Map([['http', { ...bot, ask }]]) });
    const turn = { turn: 1, botId: chat.account.botId, about: { kind: 'messages' }, epoch: 0, attempt: 1 } as const;
    const times = { messages: { from: 1, to: 1 }, timeoutMs: 2_000, deferMs: 1_000 };
    const asked = { kind: 'AskBot', id: 'AskBot:1:1', lane: 'ask', notBeforeAt: 0, ...turn, ...times } as const;
    expect(await askBot(chat.actor, asked)).toEqual({ kind: 'failed', class: failureClass, retryAfterMs: null });
    expect(setting.bugs).toEqual([{ ...required(reported[0]), adapter: 'http' }]);
  });

  test.each([
    ['before', 'permanent'],
    ['after', 'retryable'],
  ] as const)('ends a try to tell a desk %s the call: %s', async (when, failureClass) => {
    setting.desk.script(() => null);
    const tell: DeskAdapter['tell'] = async (news, call) => {
      if (when === 'after') await desk.tell(news, call);
      return bug();
    };
    const chat = await setting.chat();
    const deskId = await setting.addDesk(chat.account.accountId);
    const { tellDesk } = setting.another({ desks: new Map([['http', { ...desk, tell }]]) });
    const news = { handover: 1, attempt: 1, no: 1, news: 'closed' } as const;
    const told = {
      kind: 'TellDesk',
      id: 'TellDesk:1:1',
      lane: `desk:${deskId}`,
      notBeforeAt: 0,
      deskId,
      ...news,
    } as const;
    expect(await tellDesk(chat.actor, told)).toEqual({ kind: 'failed', class: failureClass, retryAfterMs: null });
    expect(setting.bugs).toEqual([{ ...required(reported[0]), adapter: 'http' }]);
  });
});

test('Operators hear of a bug by its class and where it is, and count it; no word of its message goes further', async () => {
  const lines: string[] = [];
  const metrics = createMetrics();
  const report = reportAdapterBugs(pino({}, { write: (line) => void lines.push(line) }), metrics);
  try {
    bug();
  } catch (error) {
    report({ adapter: 'http', error });
  }
  const [line] = lines.map((one) => JSON.parse(one) as { level: number; adapter: string; failure: object });
  expect(line).toMatchObject({ level: 50, adapter: 'http', failure: { class: 'TypeError' } });
  expect(JSON.stringify(line)).toContain('adapter-bugs.test.ts');
  expect(JSON.stringify(line)).not.toContain('Canary');
  expect(await metrics.registry.metrics()).toContain('baton_adapter_bugs_total{adapter="http",failure="TypeError"} 1');
});
