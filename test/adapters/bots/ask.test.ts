import { Agent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BotTurn } from '../../../adapters/contract/bot.ts';
import type { Call } from '../../../adapters/contract/call.ts';
import { bots } from '../../../adapters/bots/registry.ts';
import { capabilities } from '../../../adapters/channels/webchat/capabilities.ts';
import { startFakeBot, type FakeBot } from '../../support/fake-bot.ts';

let bot: FakeBot;
let http: Agent;
beforeAll(async () => {
  bot = await startFakeBot();
  http = new Agent();
});
afterAll(async () => {
  await http.destroy();
  await bot.stop();
});

const turn: BotTurn = {
  turnId: 'conversation:1',
  conversation: { id: 'conversation', channel: { id: 'c', type: 'webchat' }, capabilities: capabilities() },
  contact: { id: 'ann', name: 'Ann' },
  event: { type: 'messages', messages: [{ id: 'm1', content: { text: 'Hi' }, at: '2026-11-22T10:00:00.000Z' }] },
  intake: false,
  reply: { url: 'https://baton.example/reply', token: 'token', deadlineMs: 60_000 },
};
const call = (over: Partial<Call> = {}): Call => ({
  http,
  signal: new AbortController().signal,
  connection: { accountId: 'a', id: 'b', settings: { url: bot.url }, secrets: [bot.secret] },
  now: Date.now(),
  ...over,
});
const adapter = bots.get('http');
const ask = (over: Partial<Call> = {}) => {
  if (!adapter) throw new Error('not in the registry');
  return adapter.ask(turn, call(over));
};

test('S0-5: the bot gets the whole turn, with what the channel can show', async () => {
  bot.script(() => ({ messages: ['Hello'] }));
  expect(await ask()).toEqual({ ok: true, words: { messages: [{ text: 'Hello' }], handover: null, intake: null } });
  expect(bot.tries.at(-1)?.turn).toEqual(turn);
});

test('all tries of a turn come under one id, so that the bot can tell', async () => {
  await ask();
  await ask();
  expect(bot.turns()).toEqual([turn]);
  expect(bot.tries.map(({ no }) => no)).toEqual(bot.tries.map((_, no) => no + 1));
});

test('202: the answer comes later', async () => {
  bot.script(() => 'defer');
  expect(await ask()).toEqual({ ok: true, deferred: true });
});

test('the later answer is read like the first', () => {
  expect(adapter?.parse({ messages: ['Later'] })).toMatchObject({ ok: true, words: { messages: [{ text: 'Later' }] } });
  expect(adapter?.parse({ messages: [5] })).toMatchObject({ ok: false });
  expect(adapter?.parse(undefined)).toMatchObject({ ok: true, words: { messages: [] } });
});

test('R21: the later answer can be stored, whoever parsed it', () => {
  expect(adapter?.parse({ messages: ['a\0b\uD800'] })).toMatchObject({
    words: { messages: [{ text: 'a\uFFFDb\uFFFD' }] },
  });
  expect(adapter?.parse(JSON.parse('{"data":'.repeat(50_000) + '1' + '}'.repeat(50_000)))).toMatchObject({ ok: false });
});

test('an empty answer is silence', async () => {
  bot.script(() => ({ status: 200 }));
  expect(await ask()).toEqual({ ok: true, words: { messages: [], handover: null, intake: null } });
});

test.each([
  [{ status: 500 }, 'retryable', 'http-500'],
  [{ status: 504 }, 'retryable', 'http-504'],
  [{ status: 429, headers: { 'retry-after': '2' } }, 'throttled', 'http-429'],
  [{ status: 401 }, 'auth', 'http-401'],
  [{ status: 404 }, 'permanent', 'http-404'],
  ['drop' as const, 'retryable', 'connection-lost'],
  [{ status: 200, body: 'a plain text' }, 'content-rejected', 'answer-unreadable'],
  [{ messages: ['Good', { text: 5 }] }, 'content-rejected', 'answer-unreadable'],
  [{ messages: Array.from({ length: 40 }, () => 'x'.repeat(10_000)) }, 'retryable', 'answer-lost'],
])('%o: %s, %s', async (says, failureClass, code) => {
  bot.script(() => says);
  expect(await ask()).toMatchObject({ ok: false, class: failureClass, code });
});

test('a bot that is too slow may be asked again: the same turn has one effect', async () => {
  const limit = new AbortController();
  bot.script(() => {
    limit.abort();
    return 'hang';
  });
  expect(await ask({ signal: limit.signal })).toMatchObject({ ok: false, class: 'retryable', code: 'no-answer' });
});

test('settings that can not be read are an outcome', async () => {
  const connection = { ...call().connection, settings: {} };
  expect(await ask({ connection })).toMatchObject({ ok: false, code: 'settings-unusable' });
});
