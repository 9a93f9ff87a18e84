import { Agent } from 'undici';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Inbound } from '../../adapters/contract/channel.ts';
import type { DeskEvent } from '../../adapters/contract/desk.ts';
import { http as channelAdapter } from '../../adapters/channels/http/http.ts';
import { send } from '../../adapters/channels/http/send.ts';
import { http as deskAdapter } from '../../adapters/desks/http/http.ts';
import { startFakeBot } from '../support/fake-bot.ts';
import { startFakeChannel } from '../support/fake-channel.ts';
import { startFakeDesk } from '../support/fake-desk.ts';
import { startWebhookSink } from './webhook-sink.ts';

const http = new Agent();
afterAll(() => http.destroy());

let stops: (() => Promise<void>)[] = [];
const stopping = <T extends { stop(): Promise<void> }>(started: T): T => {
  stops.push(started.stop);
  return started;
};
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

const connection = (secret: string) => ({ accountId: 'a', id: 'c', settings: {}, secrets: [secret] });

test('the fake channel speaks as our channel reads', async () => {
  const channel = stopping(await startFakeChannel());
  const sink = stopping(
    await startWebhookSink<Inbound>((request) => {
      const { verify, parse } = channelAdapter.ingress ?? {};
      return verify?.(request, connection(channel.secret)).ok === true
        ? (parse?.(request, connection('')) ?? [])
        : null;
    }),
  );
  channel.connect(sink.url);
  expect(await channel.say({ thread: 't1', text: 'Hello', id: 'm1' })).toMatchObject({ status: 200 });
  await channel.say({ thread: 't1', text: 'Yes', id: 'm2', contact: { id: 'ann', name: 'Ann' }, payload: 'y' });
  await channel.cancel('t1');
  await channel.receipt({ id: 'p1', key: 'k1' }, 'failed', 'recipient-unreachable');
  expect(sink.items).toMatchObject([
    { kind: 'message', externalId: 'm1', thread: 't1', contact: { externalId: 't1' }, content: { text: 'Hello' } },
    {
      kind: 'message',
      externalId: 'm2',
      contact: { externalId: 'ann', name: 'Ann' },
      content: { text: 'Yes', payload: 'y' },
    },
    { kind: 'cancel', thread: 't1' },
    { kind: 'receipt', providerId: 'p1', key: 'k1', status: 'failed', class: 'recipient-unreachable' },
  ]);
});

test('the fake channel keeps books, and gives what it was told to', async () => {
  const channel = stopping(await startFakeChannel());
  const sendAs = (key: string) =>
    send(
      { key, thread: 't1', contactExternalId: 'c1', content: { text: `text ${key}` }, author: { kind: 'bot' } },
      {
        http,
        signal: new AbortController().signal,
        connection: { ...connection(channel.secret), settings: { url: channel.url } },
        now: Date.now(),
      },
    );
  channel.next({ status: 429, headers: { 'retry-after': '3' } }, 'drop');
  channel.plan(({ key, no }) => (key === 'k2' && no === 1 ? { status: 500 } : null));
  const outcomes = [await sendAs('k1'), await sendAs('k1'), await sendAs('k1'), await sendAs('k2'), await sendAs('k2')];
  expect(outcomes.map((one) => (one.ok ? 'sent' : one.class))).toEqual([
    'throttled',
    'ambiguous',
    'sent',
    'retryable',
    'sent',
  ]);
  expect(channel.books.texts('t1')).toEqual(['text k1', 'text k2']);
  expect(channel.books.attempts.map(({ key, no }) => `${key}/${no}`)).toEqual(['k1/1', 'k1/2', 'k1/3', 'k2/1', 'k2/2']);
  expect(channel.books.duplicates()).toEqual([]);
  await channel.books.until(({ deliveries }) => deliveries.length === 2);
  await expect(channel.books.until(() => false, 1)).rejects.toThrow('t1: text k2');
});

test('the fake channel sends receipts by itself, in order', async () => {
  const sink = stopping(
    await startWebhookSink<Inbound>((request) => channelAdapter.ingress?.parse(request, connection('')) ?? []),
  );
  const channel = stopping(await startFakeChannel({ webhookUrl: sink.url, receipts: ['delivered', 'read'] }));
  await send(
    { key: 'k1', thread: 't1', contactExternalId: 'c1', content: { text: 'Hi' }, author: { kind: 'bot' } },
    {
      http,
      signal: new AbortController().signal,
      connection: { ...connection(channel.secret), settings: { url: channel.url } },
      now: Date.now(),
    },
  );
  await channel.receiptsSent();
  expect(sink.items).toMatchObject([{ status: 'delivered' }, { status: 'read' }]);
});

test('R20: the fakes refuse what is not signed for them', async () => {
  const [channel, bot, desk] = await Promise.all([startFakeChannel(), startFakeBot(), startFakeDesk()]);
  for (const { url } of [stopping(channel), stopping(bot), stopping(desk)]) {
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
    const headers = { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' };
    expect((await fetch(url, { method: 'POST', body: '{}', headers })).status).toBe(401);
  }
});

test('the fake desk speaks as our desk reads', async () => {
  const desk = stopping(await startFakeDesk());
  const sink = stopping(
    await startWebhookSink<DeskEvent>((request) => {
      const mine = connection(desk.secret);
      return deskAdapter.verify(request, mine).ok === true ? deskAdapter.parse(request, mine) : null;
    }),
  );
  desk.connect(sink.url);
  await desk.accept('h1', { id: 'bob', name: 'Bob' });
  await desk.answer('h1', { text: 'Hello' });
  await desk.refuse('h2', 'busy');
  await desk.close('h1');
  await desk.take('c1');
  expect(sink.items.map(({ kind }) => kind)).toEqual(['accepted', 'answered', 'refused', 'closed', 'took']);
});
