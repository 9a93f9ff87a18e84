import { Agent } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call } from '../../../adapters/contract/call.ts';
import type { Sending } from '../../../adapters/contract/channel.ts';
import { send } from '../../../adapters/channels/http/send.ts';
import { startFakeChannel, type FakeChannel } from '../../support/fake-channel.ts';

let channel: FakeChannel;
let http: Agent;
beforeAll(async () => {
  channel = await startFakeChannel();
  http = new Agent();
});
afterAll(async () => {
  await http.destroy();
  await channel.stop();
});

const call = (settings: object = {}): Call => ({
  http,
  signal: new AbortController().signal,
  connection: { accountId: 'a', id: 'c', settings: { url: channel.url, ...settings }, secrets: [channel.secret] },
  now: Date.now(),
});
const sending = (key: string, text: string): Sending => ({
  key,
  thread: 't1',
  contactExternalId: 'c1',
  content: { text, buttons: [{ title: 'OK', payload: 'ok' }] },
  author: { kind: 'agent', name: 'Bob' },
});

test('the backend gets who writes to whom in which conversation, and its id comes back', async () => {
  const sent = await send(sending('k:1', 'Hello'), call());
  const [delivery] = channel.books.byKey('k:1');
  expect(sent).toEqual({ ok: true, providerId: delivery?.id });
  expect(delivery).toMatchObject({
    thread: 't1',
    contactId: 'c1',
    author: { kind: 'agent', name: 'Bob' },
    content: { text: 'Hello', buttons: [{ title: 'OK', payload: 'ok' }] },
  });
});

test('R8: accepted and dropped, sent again under its key: delivered once', async () => {
  channel.next('accept-and-drop');
  expect(await send(sending('k:3', 'Once'), call())).toMatchObject({ class: 'ambiguous' });
  expect(await send(sending('k:3', 'Once'), call())).toMatchObject({ ok: true });
  expect(channel.books.attemptsOf('k:3')).toBe(2);
  expect(channel.books.byKey('k:3').length).toBe(1);
});

test('R9: a dead backend is retryable, and back at the same address', async () => {
  await channel.die();
  expect(await send(sending('k:4', 'Later'), call())).toMatchObject({ class: 'retryable' });
  await channel.revive();
  expect(await send(sending('k:4', 'Later'), call())).toMatchObject({ ok: true });
});

test('the capability says whether the backend knows a repeat', async () => {
  const forgetful = await startFakeChannel({ idempotency: 'none' });
  const settings = { url: forgetful.url, idempotency: 'none' };
  const connection = { ...call().connection, settings, secrets: [forgetful.secret] };
  forgetful.next('accept-and-drop');
  await send(sending('k:5', 'Twice'), { ...call(), connection });
  await send(sending('k:5', 'Twice'), { ...call(), connection });
  expect(forgetful.books.duplicates()).toEqual(['k:5']);
  await forgetful.stop();
});

test('a refusal may name its class itself; what stands in no list is read by its status', async () => {
  const refused = (status: number, body: unknown) => {
    channel.next({ status, body });
    return send(sending('k:6', 'No'), call());
  };
  expect(await refused(400, { class: 'recipient-unreachable' })).toMatchObject({ class: 'recipient-unreachable' });
  expect(await refused(422, { class: 'because I say so' })).toMatchObject({ class: 'content-rejected' });
  expect(await refused(500, { class: 'permanent' })).toMatchObject({ class: 'retryable' });
});
