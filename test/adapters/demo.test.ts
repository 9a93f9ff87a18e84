import { randomUUID } from 'node:crypto';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BotTurn } from '../../adapters/contract/bot.ts';
import type { Call } from '../../adapters/contract/call.ts';
import type { DeskEvent, DeskOffer } from '../../adapters/contract/desk.ts';
import { http as botAdapter } from '../../adapters/bots/http/http.ts';
import { capabilities } from '../../adapters/channels/webchat/capabilities.ts';
import { http as deskAdapter } from '../../adapters/desks/http/http.ts';
import { startDemoBot, type DemoBot } from '../../dev/demo/bot.ts';
import { startDemoDesk, type DemoDesk } from '../../dev/demo/desk.ts';
import { startWebhookSink, type WebhookSink } from './webhook-sink.ts';

const http = new Agent();
afterAll(() => http.destroy());
const callTo = ({ url, secret }: { url: string; secret: string }): Call => ({
  http,
  signal: new AbortController().signal,
  connection: { accountId: 'a', id: 'x', settings: { url }, secrets: [secret] },
  now: Date.now(),
});

const message = (content: { text: string; payload?: string }) => ({
  id: randomUUID(),
  content,
  at: new Date().toISOString(),
});

describe('the demo bot', () => {
  let bot: DemoBot;
  beforeAll(async () => {
    bot = await startDemoBot({ laterMs: 0 });
  });
  afterAll(() => bot.stop());

  const turnOf = (conversation: string, over: Partial<BotTurn>): BotTurn => ({
    turnId: randomUUID(),
    conversation: { id: conversation, channel: { id: 'c', type: 'webchat' }, capabilities: capabilities() },
    contact: { id: 'ann' },
    event: { type: 'messages', messages: [] },
    intake: false,
    reply: { url: 'http://127.0.0.1:1/none', token: 't', deadlineMs: 60_000 },
    ...over,
  });
  const say = (text: string, over: Partial<BotTurn> = {}): BotTurn =>
    turnOf('c1', { event: { type: 'messages', messages: [message({ text })] }, ...over });
  const ask = async (turn: BotTurn) => {
    const answer = await botAdapter.ask(turn, callTo(bot));
    if (!answer.ok || 'deferred' in answer) throw new Error(JSON.stringify(answer));
    return answer.words;
  };

  test('greets, answers, and takes the payload of a button for a word', async () => {
    expect((await ask(say('Hello!'))).messages[0]?.text).toContain('Hello');
    expect((await ask(say('What?'))).messages[0]?.text).toBe('You said: What?');
    expect((await ask(say('buttons'))).messages[0]?.buttons).toHaveLength(3);
    const pressed = {
      type: 'messages' as const,
      messages: [message({ text: 'A bill', payload: 'billing' })],
    };
    expect((await ask(turnOf('c1', { event: pressed }))).handover).toMatchObject({ skill: 'billing', priority: 5 });
    expect(await ask(say('nothing'))).toEqual({ messages: [], handover: null, intake: null });
  });

  test('S3-1, S0-4: asks for a person, natively and in the dialect', async () => {
    expect((await ask(say('a human, please'))).handover).toMatchObject({ history: { kind: 'all' } });
    expect((await ask(say('livechat'))).handover).toEqual({ skill: 'sales', webstore: 'shop-nl', channelTag: 'web' });
  });

  test('S3-2, S3-3: its intake sees whether somebody is there, asks two questions and ends', async () => {
    const prechat = (agentStatus: 'online' | 'offline') =>
      ask(turnOf('c2', { event: { type: 'prechat', agentStatus }, intake: true }));
    expect((await prechat('offline')).messages[0]?.text).toContain('Nobody');
    const opening = await prechat('online');
    expect(opening.messages[0]?.text).toContain('Somebody');
    expect(opening.intake).toEqual({ status: 'open', answers: [] });
    const inC2 = (text: string) => ask({ ...say(text, { intake: true }), conversation: turnOf('c2', {}).conversation });
    expect((await inC2('Ann')).intake).toEqual({ status: 'open', answers: [] });
    expect((await inC2('A bill')).intake).toEqual({
      status: 'done',
      answers: [
        { name: 'name', label: 'Name', value: 'Ann' },
        { name: 'subject', label: 'Subject', value: 'A bill' },
      ],
    });
  });

  test('S3-3: what was written before its first question is no answer to it', async () => {
    const early = message({ text: 'Are you there?' });
    await ask(turnOf('c3', { event: { type: 'prechat', agentStatus: 'online' }, intake: true }));
    const hears = (...messages: (typeof early)[]) =>
      ask(turnOf('c3', { event: { type: 'messages', messages }, intake: true }));
    const before = { ...early, at: new Date(Date.now() - 60_000).toISOString() };
    expect(await hears(before)).toEqual({ messages: [], handover: null, intake: { status: 'open', answers: [] } });
    expect((await hears(before, message({ text: 'Ann' }))).messages[0]?.text).toContain('what is it about');
    expect((await hears(message({ text: 'A bill' }))).intake?.answers.map(({ value }) => value)).toEqual([
      'Ann',
      'A bill',
    ]);
  });

  test('its intake can be cancelled', async () => {
    await ask(turnOf('c1', { event: { type: 'prechat', agentStatus: 'online' }, intake: true }));
    expect((await ask(say('cancel', { intake: true }))).intake).toEqual({ status: 'cancelled', answers: [] });
  });

  test('is awake when the customer is its own again', async () => {
    const words = await ask(turnOf('c1', { event: { type: 'returned', because: 'hand-back' } }));
    expect(words.messages[0]?.text).toContain('me again');
  });

  test('answers a repeated turn as it did before', async () => {
    await ask(turnOf('c3', { event: { type: 'prechat', agentStatus: 'online' }, intake: true }));
    const turn = { ...say('Ann', { intake: true }), conversation: turnOf('c3', {}).conversation };
    expect(await ask(turn)).toEqual(await ask(turn));
  });

  test('slow: 202, and the answer later with the token', async () => {
    let arrived = (_: { authorization: string | undefined; body: unknown }) => {};
    const later = new Promise<{ authorization: string | undefined; body: unknown }>((resolve) => (arrived = resolve));
    const sink = await startWebhookSink(({ headers, body }) => {
      arrived({ authorization: headers['authorization'], body: JSON.parse(Buffer.from(body).toString()) });
      return [];
    });
    const turn = say('slow', { reply: { url: sink.url, token: 'secret-token', deadlineMs: 60_000 } });
    expect(await botAdapter.ask(turn, callTo(bot))).toEqual({ ok: true, deferred: true });
    const { authorization, body } = await later;
    expect(authorization).toBe('Bearer secret-token');
    expect(botAdapter.parse(body)).toMatchObject({
      ok: true,
      words: { messages: [{ text: 'That took me a while.' }] },
    });
    await sink.stop();
  });
});

describe('the demo desk', () => {
  let desk: DemoDesk;
  let sink: WebhookSink<DeskEvent>;
  beforeAll(async () => {
    desk = await startDemoDesk();
    sink = await startWebhookSink<DeskEvent>((request) => {
      const { connection } = callTo(desk);
      return deskAdapter.verify(request, connection).ok === true ? deskAdapter.parse(request, connection) : null;
    });
    desk.connect(sink.url);
  });
  afterAll(async () => {
    await desk.stop();
    await sink.stop();
  });

  const offerOf = (handoverId: string): DeskOffer => ({
    handoverId,
    conversationId: 'c1',
    contact: { id: 'ann', phones: [], emails: [] },
    priority: 0,
    data: {},
    intake: [],
    history: [],
    historyOmitted: 0,
  });
  const person = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(desk.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer: unknown = await response.json();
    return { status: response.status, body: answer };
  };

  test('is there or not, as it is told', async () => {
    await person('/presence', { online: false });
    expect(await deskAdapter.presence({}, callTo(desk))).toEqual({ ok: true, online: false });
    expect(await deskAdapter.open(offerOf('h0'), 'open:0', callTo(desk))).toEqual({ ok: true, refused: true });
    await person('/presence', { online: true });
    expect(await deskAdapter.presence({}, callTo(desk))).toEqual({ ok: true, online: true });
  });

  test('accepts by itself, gets the lines once, answers and closes', async () => {
    const opened = await deskAdapter.open(offerOf('h1'), 'open:1', callTo(desk));
    expect(opened).toMatchObject({ ok: true, refused: false, accepted: { person: { id: 'dana' } } });
    const line = { handoverId: 'h1', key: 'line:1', content: { text: 'Hi' }, at: '' };
    await deskAdapter.post(line, callTo(desk));
    await deskAdapter.post(line, callTo(desk));
    expect(await person('/answer', { handoverId: 'h1', text: 'Hello' })).toEqual({ status: 200, body: { baton: 200 } });
    await person('/close', { handoverId: 'h1' });
    expect(sink.items.splice(0)).toMatchObject([{ kind: 'answered', content: { text: 'Hello' } }, { kind: 'closed' }]);
    const overview: unknown = await (await fetch(desk.url)).json();
    expect(overview).toMatchObject({
      chats: [{ handoverId: 'h1', state: 'closed', lines: [{ from: 'customer' }, { from: 'desk' }] }],
    });
  });

  test('waits to be told, refuses, and takes unasked', async () => {
    await person('/auto-accept', { on: false });
    for (const id of ['h2', 'h3']) {
      expect(await deskAdapter.open(offerOf(id), `open:${id}`, callTo(desk))).toEqual({ ok: true, refused: false });
    }
    await person('/accept', { handoverId: 'h2' });
    await person('/refuse', { handoverId: 'h3' });
    await person('/take', { conversationId: 'c9' });
    expect(sink.items.splice(0)).toMatchObject([
      { kind: 'accepted', handoverId: 'h2' },
      { kind: 'refused', handoverId: 'h3' },
      { kind: 'took', conversationId: 'c9' },
    ]);
    expect((await person('/close', { handoverId: 'nobody' })).status).toBe(404);
  });
});
