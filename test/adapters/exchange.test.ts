import { Agent, MockAgent } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Call } from '../../adapters/contract/call.ts';
import { exchange, MAX_ANSWER_BYTES } from '../../adapters/exchange.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const outgoing = { url: 'https://bot.example/turns?a=1', id: 'turn:1', type: 'a.b', data: { x: 1 } };
let http: MockAgent;

beforeEach(() => {
  http = new MockAgent();
  http.disableNetConnect();
});
afterEach(() => http.close());

const call = (signal = new AbortController().signal): Call => ({
  http,
  signal,
  connection: { accountId: 'a', id: 'c', settings: {}, secrets: [secret] },
  now: Date.parse('2026-11-22T10:00:00Z'),
});
const answer = () => http.get('https://bot.example').intercept({ path: '/turns?a=1', method: 'POST' });

test('sends one signed envelope, with the address as it was given', async () => {
  const seen: { headers: Record<string, string>; body: string }[] = [];
  answer().reply(({ headers, body }) => {
    seen.push({ headers: headers as Record<string, string>, body: body as string });
    return { statusCode: 200, data: '{"ok":true}' };
  });
  expect(await exchange(outgoing, call())).toEqual({ ok: true, status: 200, body: Buffer.from('{"ok":true}') });
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    type: 'a.b',
    timestamp: '2026-11-22T10:00:00.000Z',
    data: { x: 1 },
  });
  expect(seen[0]?.headers).toMatchObject({ 'webhook-id': 'turn:1', 'webhook-timestamp': '1795341600' });
});

test('R22: an answer longer than the limit is not read to its end', async () => {
  answer().reply(200, 'x'.repeat(MAX_ANSWER_BYTES));
  expect(await exchange(outgoing, call())).toMatchObject({ ok: true, body: { length: MAX_ANSWER_BYTES } });
  answer().reply(200, 'x'.repeat(MAX_ANSWER_BYTES + 1));
  expect(await exchange(outgoing, call())).toEqual({ ok: true, status: 200, body: null });
  answer().reply(500, 'x'.repeat(MAX_ANSWER_BYTES + 1));
  expect(await exchange(outgoing, call())).toMatchObject({ ok: false, class: 'retryable' });
});

test('an attempt that has ended before it began is not sent', async () => {
  const outcome = await exchange(outgoing, call(AbortSignal.abort()));
  expect(outcome).toEqual({ ok: false, class: 'retryable', code: 'not-sent-in-time', retryAfterMs: null });
});

test('an address that is none, and a dispatcher that is closed, are outcomes too', async () => {
  expect(await exchange({ ...outgoing, url: 'bot.example' }, call())).toMatchObject({ class: 'permanent' });
  const closed = new Agent();
  await closed.close();
  expect(await exchange(outgoing, { ...call(), http: closed })).toMatchObject({
    class: 'retryable',
    code: 'not-connected',
  });
});
