import diagnostics from 'node:diagnostics_channel';
import fc from 'fast-check';
import { Agent, buildConnector } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Call, RawRequest } from '../../adapters/contract/call.ts';
import type { Capabilities } from '../../adapters/contract/capabilities.ts';
import type { ChannelAdapter, Inbound, Sending } from '../../adapters/contract/channel.ts';
import type { Content } from '../../adapters/contract/content.ts';
import { plainText } from '../../adapters/plain-text.ts';
import { render } from '../../adapters/render.ts';
import { anyContent } from './contents.ts';
import { startMisbehavingServer, type Behaviour, type MisbehavingServer, type Received } from './misbehaving-server.ts';
import { now } from './raw-request.ts';

/** What the suite must know of a network beside its adapter. */
export interface ChannelSample {
  /** Settings that a channel may be saved with, from the poorest to the richest. */
  settings: object[];
  /** Settings that must be refused. */
  unusable: unknown[];
  /** null: nothing comes by webhook. */
  ingress: null | {
    /** Two secrets of this connection (newest first), and one of another. */
    secrets: [string, string];
    foreignSecret: string;
    /** A webhook of these items, signed as the network does. */
    request(items: unknown[], options: { secret: string; at?: number; id?: string }): RawRequest;
    signatureHeader: string;
    /** false: the network signs no time, so a stale webhook can't be told. */
    timed: boolean;
    message(id: string): unknown;
    /** An item that is recognized and can't be read. */
    broken(id: string): unknown;
    unknown: unknown;
  };
  /** null: delivered by the visitor's stream. */
  network: null | {
    settings(url: string): object;
    secret: string;
    /** Where the send key stands in a call; null: this network takes none. */
    keyOf: ((received: Received) => unknown) | null;
    /** The body of an answer that names the provider's id. */
    accepted(id: string): string;
  };
  /** How the network says that the customer has been silent for too long; null: it never does. */
  window: null | {
    /** Settings of a connection that has a window, and of one that has none, where there are such. */
    settings: object;
    windowless: object | null;
    /** In the answer to a send. */
    answer: Behaviour;
    /** By a receipt. */
    receipt: unknown;
  };
}

/** Every channel runs this: `conformsAsChannel(adapter, sample)` in conformance.test.ts. */
export function conformsAsChannel(adapter: ChannelAdapter, sample: ChannelSample): void {
  describe(`channel ${adapter.type}`, () => {
    describeSettings(adapter, sample);
    describeCapabilities(adapter, sample);
    test('takes webhooks, and sends by network, exactly where the sample says so', () => {
      expect(adapter.ingress !== null).toBe(sample.ingress !== null);
      expect(adapter.delivery.kind).toBe(sample.network === null ? 'stream' : 'network');
    });
    if (sample.ingress) describeIngress(adapter, sample.ingress);
    if (sample.network) describeSending(adapter, sample.network);
    describeWindow(adapter, sample);
  });
}

// ------------------------------------------------------------------------------------------------------------ settings

function describeSettings(adapter: ChannelAdapter, { settings, unusable }: ChannelSample): void {
  test('takes usable settings whole, with fields that it does not know', () => {
    for (const one of settings) {
      expect(adapter.settings.safeParse({ ...one, ofALaterVersion: 1 })).toMatchObject({
        success: true,
        data: { ...one, ofALaterVersion: 1 },
      });
    }
  });

  test.each(unusable.map((one) => [JSON.stringify(one), one]))('refuses settings %s', (_, one) => {
    expect(adapter.settings.safeParse(one).success).toBe(false);
  });
}

// -------------------------------------------------------------------------------------------------------- capabilities

const dir = z.enum(['none', 'receive', 'send', 'both']);
const medium = z.strictObject({
  dir,
  maxBytes: z.number().positive().optional(),
  mime: z.array(z.string()).optional(),
});
const complete = z.strictObject({
  text: z.strictObject({ dir, maxChars: z.number().int().positive(), markup: z.enum(['plain', 'markdown']) }),
  media: z.strictObject({
    image: medium.optional(),
    video: medium.optional(),
    audio: medium.optional(),
    file: medium.optional(),
  }),
  buttons: z.strictObject({ mode: z.enum(['none', 'inline', 'reply']), max: z.number(), titleMax: z.number() }),
  typing: dir,
  receipts: z.strictObject({ delivered: z.boolean(), read: z.boolean(), failed: z.boolean() }),
  window: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('since-last-inbound'), hours: z.number().positive() }),
  ]),
  initiate: z.enum(['no', 'template', 'yes']),
  rate: z.strictObject({ perSecond: z.number().positive(), burst: z.number().int().positive() }).nullable(),
  ordering: z.enum(['per-conversation', 'none']),
  sendIdempotency: z.enum(['none', 'reconcile', 'key']),
  handover: z.strictObject({ target: z.boolean(), history: z.boolean() }),
});

function describeCapabilities(adapter: ChannelAdapter, { settings }: ChannelSample): void {
  test('S0-5: declares all of its capabilities, whatever its settings', () => {
    for (const one of [...settings, undefined, { url: 1 }]) {
      expect(complete.safeParse(adapter.capabilities(one)).error?.issues ?? []).toEqual([]);
    }
  });

  test('has the rate of its settings, or else its network’s usual one', () => {
    const usual = adapter.capabilities({}).rate;
    for (const one of settings) expect(adapter.capabilities(one).rate).toEqual('rate' in one ? one.rate : usual);
  });

  test('S0-5: whatever is said fits the channel, whole, or is refused', () => {
    const capabilities = fc.constantFrom(...settings.map((one) => adapter.capabilities(one)));
    fc.assert(
      fc.property(anyContent, capabilities, (content, can) => {
        const { parts, refused } = render(content, can);
        expect(refused.length > 0).toBe(parts.length === 0);
        parts.forEach((part) => expectToFit(part, can));
        if (parts.length > 0) expectNothingLost(content, parts);
      }),
    );
  });
}

function expectToFit(part: Content, { text, media, buttons }: Capabilities): void {
  expect((part.text ?? '').length).toBeLessThanOrEqual(text.maxChars);
  expect(part.text).not.toBe('');
  expect(['plain', text.markup]).toContain(part.markup ?? 'plain');
  expect(part.buttons?.length ?? 0).toBeLessThanOrEqual(buttons.max);
  part.buttons?.forEach(({ title }) => expect(title.length).toBeLessThanOrEqual(buttons.titleMax));
  part.attachments?.forEach(({ kind, bytes = 0 }) => {
    expect(['send', 'both']).toContain(media[kind]?.dir);
    expect(bytes).toBeLessThanOrEqual(media[kind]?.maxBytes ?? Infinity);
  });
}

function expectNothingLost(content: Content, parts: Content[]): void {
  const visible = (text: string) => text.replaceAll(/\s/g, '');
  const said = visible(parts.map(({ text = '' }) => text).join(''));
  const markdownLost = content.markup === 'markdown' && !parts.some(({ markup }) => markup);
  expect(said).toContain(visible(markdownLost ? plainText(content.text ?? '') : (content.text ?? '')));
  const titles = parts.flatMap(({ buttons = [] }) => buttons.map(({ title }) => title));
  const urls = parts.flatMap(({ attachments = [] }) => attachments.map(({ url }) => url));
  content.buttons?.forEach(({ title }) => expect(titles.includes(title) || said.includes(visible(title))).toBe(true));
  content.attachments?.forEach(({ url }) => expect(urls.includes(url) || said.includes(visible(url))).toBe(true));
}

// ------------------------------------------------------------------------------------------------------------- ingress

function describeIngress(adapter: ChannelAdapter, sample: NonNullable<ChannelSample['ingress']>): void {
  const { secrets, foreignSecret, signatureHeader } = sample;
  const [newest, older] = secrets;
  const connection = { accountId: 'a', id: 'c', settings: {}, secrets: [newest, older] };
  const request = (items: unknown[], options: { secret?: string; at?: number; id?: string } = {}) =>
    sample.request(items, { secret: newest, ...options });
  const one = [sample.message('m1')];
  const verified = (raw: RawRequest, of = connection) => adapter.ingress?.verify(raw, of);
  const parsed = (raw: RawRequest): Inbound[] => adapter.ingress?.parse(raw, connection) ?? [];
  const withSignature = (raw: RawRequest, change: (signature: string) => string | undefined): RawRequest => ({
    ...raw,
    headers: { ...raw.headers, [signatureHeader]: change(raw.headers[signatureHeader] ?? '') },
  });

  test.each([
    ['the newest secret', request(one)],
    ['the older secret of a rotation', request(one, { secret: older })],
  ])('R20: accepts a webhook signed with %s', (_, raw) => {
    expect(verified(raw)).toEqual({ ok: true });
  });

  const good = request(one);
  const refusals: [string, RawRequest][] = [
    ['absent', withSignature(good, () => undefined)],
    ['empty', withSignature(good, () => '')],
    [
      'wrong',
      withSignature(good, (it) => it.replace(/[A-Za-z0-9](?=[A-Za-z0-9+/=]{5})/, (c) => (c === 'A' ? 'B' : 'A'))),
    ],
    ['truncated', withSignature(good, (it) => it.slice(0, -3))],
    ['longer', withSignature(good, (it) => `${it}AAAA`)],
    ["another connection's", request(one, { secret: foreignSecret })],
    ['of another body', { ...good, body: request([sample.message('m2')]).body }],
    ['of the body and one byte more', { ...good, body: Buffer.concat([good.body, Buffer.from(' ')]) }],
  ];
  test.each(refusals)('R20: refuses a signature that is %s', (_, raw) => {
    expect(verified(raw)).toMatchObject({ ok: false, status: 401 });
  });

  test('R20: refuses everything where there is no secret, or none that can be used', () => {
    expect(verified(good, { ...connection, secrets: [] })).toMatchObject({ ok: false });
    expect(verified(good, { ...connection, secrets: ['', 'whsec_%%%'] })).toMatchObject({ ok: false });
  });

  test('R20: an unusable secret does not spoil the others', () => {
    expect(verified(good, { ...connection, secrets: ['whsec_%%%', newest] })).toEqual({ ok: true });
  });

  test('R20: a secret that has been rotated out is no longer valid', () => {
    expect(verified(request(one, { secret: older }), { ...connection, secrets: [newest] })).toMatchObject({
      ok: false,
    });
  });

  test.runIf(sample.timed).each([
    ['5 minutes and a second old', -301_000, false],
    ['just under 5 minutes old', -299_000, true],
    ['5 minutes and a second ahead', 301_000, false],
  ])('R20: a webhook that is %s', (_, ms, ok) => {
    expect(verified(request(one, { at: now + ms }))?.ok).toBe(ok);
  });

  test('R20: no refusal shows a secret or the expected signature', () => {
    const refused = refusals.map(([, raw]) => JSON.stringify(verified(raw))).join();
    const signature = good.headers[signatureHeader] ?? '';
    for (const secret of [newest, older, foreignSecret, signature]) expect(refused).not.toContain(secret.slice(-12));
  });

  test('R20, R6: the same webhook again has the same ids', () => {
    const items = [sample.message('m1'), sample.broken('b1'), 17];
    const ids = (raw: RawRequest) => parsed(raw).map((it) => 'externalId' in it && it.externalId);
    expect(ids(request(items))).toEqual(ids(request(items)));
    expect(ids(request(items))).not.toContain(null);
    expect(new Set(ids(request(items))).size).toBe(3);
  });

  test('R6: a message has the id that the network gave it, whatever the webhook', () => {
    const inWebhook = (id: string) => parsed(request(one, { id }));
    expect(inWebhook('first')).toMatchObject([{ kind: 'message', externalId: 'm1' }]);
    expect(inWebhook('second')).toEqual(inWebhook('first'));
  });

  test('ignores what it does not know', () => {
    expect(parsed(request([sample.unknown]))).toMatchObject([{ kind: 'ignored' }]);
  });

  test('R10: one bad item does not drop the batch, and is kept', () => {
    const items = parsed(request([sample.message('m1'), sample.broken('b1'), sample.unknown, sample.message('m2')]));
    expect(items).toMatchObject([
      { kind: 'message', externalId: 'm1' },
      { kind: 'unreadable' },
      { kind: 'ignored' },
      { kind: 'message', externalId: 'm2' },
    ]);
    expect(JSON.stringify(items[1])).toContain('b1');
  });

  test('R21: parse never throws, and what it gives can be stored', () => {
    const valid = request([sample.message('m1'), sample.broken('b1')]);
    const mutated = fc
      .tuple(fc.nat(valid.body.length - 1), fc.uint8Array({ minLength: 1, maxLength: 4 }))
      .map(([at, bytes]) => Buffer.concat([valid.body.subarray(0, at), bytes, valid.body.subarray(at + 1)]));
    const json = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }).map((value) => Buffer.from(JSON.stringify(value)));
    const shaped = fc
      .tuple(fc.constantFrom(...keyPaths(sample.message('m1'))), fc.jsonValue({ stringUnit: 'binary' }))
      .map(([path, value]) => request([replaced(sample.message('m1'), path, value)]).body);
    const deep = fc.constantFrom(
      '['.repeat(50_000),
      '['.repeat(50_000) + ']'.repeat(50_000),
      '{"\\u0061":'.repeat(20_000),
    );
    const bytes = fc.oneof(fc.uint8Array(), mutated, json, shaped, deep.map(Buffer.from));
    fc.assert(
      fc.property(bytes, (body) => {
        const items = parsed({ ...valid, body });
        expect(Array.isArray(items)).toBe(true);
        expectStorable(items);
      }),
      { numRuns: 500 },
    );
  });

  test('answers with a 2xx once everything is stored', () => {
    const status = adapter.ingress?.ack().status ?? 0;
    expect(Math.floor(status / 100)).toBe(2);
  });
}

/** No NUL, no lone surrogate: Postgres takes neither. */
function expectStorable(value: unknown): void {
  const json = JSON.stringify(value);
  expect(json).not.toMatch(/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/i);
}

function keyPaths(value: unknown, above: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [above];
  return [above, ...Object.entries(value).flatMap(([key, inner]) => keyPaths(inner, [...above, key]))];
}

function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined) return by;
  const inner = (value as Record<string, unknown>)[key];
  return { ...(value as object), [key]: replaced(inner, rest, by) };
}

// -------------------------------------------------------------------------------------------------------------- window

function describeWindow(adapter: ChannelAdapter, { settings, window, network, ingress }: ChannelSample): void {
  test('S0-5: has a window in its capabilities exactly where its network can close one', () => {
    const all = [...settings, ...(window ? [window.settings] : [])];
    const kinds = all.map((one) => adapter.capabilities(one).window.kind);
    expect(kinds.includes('since-last-inbound')).toBe(window !== null);
  });
  if (window === null || network === null) return;

  const told = async (of: object) => {
    const server = await startMisbehavingServer();
    const http = new Agent();
    const connection = { accountId: 'a', id: 'c', settings: { ...of, ...network.settings(server.url) }, secrets: [] };
    server.behave(window.answer);
    const call = { http, signal: new AbortController().signal, now };
    const sent = await sendOne(adapter, { ...call, connection: { ...connection, secrets: [network.secret] } });
    const [secret] = ingress?.secrets ?? [''];
    const items = ingress && adapter.ingress?.parse(ingress.request([window.receipt], { secret }), connection);
    await http.destroy();
    await server.stop();
    return { sent, items };
  };

  test('a closed window is told as such, in an answer and by a receipt', async () => {
    const { sent, items } = await told(window.settings);
    expect(sent).toMatchObject({ ok: false, class: 'window-closed' });
    expect(items).toMatchObject([{ kind: 'receipt', status: 'failed', class: 'window-closed' }]);
  });

  test.runIf(window.windowless)('a connection without a window never has a closed one', async () => {
    const { sent, items } = await told(window.windowless ?? {});
    expect(adapter.capabilities(window.windowless).window).toEqual({ kind: 'none' });
    expect(sent).toMatchObject({ ok: false, class: 'permanent' });
    expect(items).toMatchObject([{ kind: 'receipt', status: 'failed', class: 'permanent' }]);
  });
}

// ------------------------------------------------------------------------------------------------------------- sending

const key = '0190b1c2-7c1e-7000-8000-000000000001:17';
const sending: Sending = {
  key,
  thread: 't1',
  contactExternalId: 'c1',
  content: { text: 'Hello' },
  author: { kind: 'agent', name: 'Bob' },
};

function sendOne(adapter: ChannelAdapter, call: Call, what: Partial<Sending> = {}) {
  if (adapter.delivery.kind !== 'network') throw new Error('not delivered by network');
  return adapter.delivery.send({ ...sending, ...what }, call);
}

function describeSending(adapter: ChannelAdapter, sample: NonNullable<ChannelSample['network']>): void {
  let server: MisbehavingServer;
  let http: Agent;
  beforeEach(async () => {
    server = await startMisbehavingServer();
    http = new Agent();
  });
  afterEach(async () => {
    await http.destroy();
    await server.stop();
  });

  const call = (over: Partial<Call> = {}): Call => ({
    http,
    signal: new AbortController().signal,
    connection: { accountId: 'a', id: 'c', settings: sample.settings(server.url), secrets: [sample.secret] },
    now,
    ...over,
  });
  const send = (over: Partial<Call> = {}, what: Partial<Sending> = {}) => sendOne(adapter, call(over), what);
  const sendTo = (behaviour: Behaviour) => {
    server.behave(behaviour);
    return send();
  };

  test('2xx: sent, with the id of the provider where it names one', async () => {
    expect(await sendTo({ status: 200, body: sample.accepted('p1') })).toEqual({ ok: true, providerId: 'p1' });
    expect(await sendTo({ status: 200 })).toMatchObject({ ok: true });
    expect(await sendTo({ status: 204 })).toMatchObject({ ok: true });
    expect(await sendTo({ status: 200, body: 'OK' })).toMatchObject({ ok: true });
  });

  test.each<[Behaviour, string, number | null]>([
    [{ status: 400 }, 'permanent', null],
    [{ status: 401 }, 'auth', null],
    [{ status: 403 }, 'auth', null],
    [{ status: 404 }, 'permanent', null],
    [{ status: 410 }, 'permanent', null],
    [{ status: 413 }, 'content-rejected', null],
    [{ status: 422 }, 'content-rejected', null],
    [{ status: 429 }, 'throttled', null],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'throttled', 7000],
    [{ status: 503, headers: { 'retry-after': '120' } }, 'throttled', 120_000],
    [{ status: 500 }, 'retryable', null],
    [{ status: 503 }, 'retryable', null],
    [{ status: 502 }, 'ambiguous', null],
    [{ status: 504 }, 'ambiguous', null],
    ['drop', 'ambiguous', null],
    ['drop-behind-early-hints', 'ambiguous', null],
  ])('R8: %o is %s', async (behaviour, failureClass, retryAfterMs) => {
    expect(await sendTo(behaviour)).toMatchObject({ ok: false, class: failureClass, retryAfterMs });
  });

  test('R8: Retry-After may be a date', async () => {
    const at = new Date(now + 60_000).toUTCString();
    const outcome = await sendTo({ status: 429, headers: { 'retry-after': at } });
    expect(outcome).toMatchObject({ ok: false, class: 'throttled', retryAfterMs: 60_000 });
  });

  test('never follows a redirect', async () => {
    const before = server.received.length;
    const outcome = await sendTo({ status: 307, headers: { location: server.url } });
    expect(outcome).toMatchObject({ ok: false, class: 'permanent' });
    expect(server.received.length).toBe(before + 1);
  });

  test('R8: what was accepted is sent, though the connection broke behind the status', async () => {
    expect(await sendTo('drop-behind-status')).toMatchObject({ ok: true });
  });

  test('R8: what was accepted is sent, though the attempt ended behind the status', async () => {
    server.behave('hang-behind-status');
    const limit = new AbortController();
    const statusRead = once('undici:request:headers');
    const outcome = send({ signal: limit.signal });
    await statusRead;
    limit.abort();
    expect(await outcome).toMatchObject({ ok: true });
  });

  test('R8: a time-out behind the writing of the request is ambiguous', async () => {
    server.behave('hang');
    const limit = new AbortController();
    const arrived = server.nextCall();
    const outcome = send({ signal: limit.signal });
    await arrived;
    limit.abort();
    expect(await outcome).toEqual({ ok: false, class: 'ambiguous', code: 'no-answer', retryAfterMs: null });
  });

  test('R8: a time-out before it is retryable', async () => {
    const limit = new AbortController();
    const neverConnects = new Agent({ connect: () => limit.abort() });
    const before = server.received.length;
    expect(await send({ http: neverConnects, signal: limit.signal })).toMatchObject({ class: 'retryable' });
    expect(await send({ signal: AbortSignal.abort() })).toMatchObject({ class: 'retryable' });
    expect(server.received.length).toBe(before);
    await neverConnects.destroy();
  });

  test('R8: an attempt that ended while it was being connected is never written', async () => {
    const limit = new AbortController();
    let connect = (): void => undefined;
    const wanted = new Promise<void>((resolve) => {
      http = new Agent({
        connect: (options, done) => {
          connect = () => buildConnector({})(options, done);
          resolve();
        },
      });
    });
    server.behave({ status: 200 });
    const before = server.received.length;
    const outcome = send({ signal: limit.signal });
    await wanted;
    limit.abort();
    expect(await outcome).toMatchObject({ class: 'retryable', code: 'not-sent-in-time' });
    const closed = Promise.race([server.nextClosing(), server.nextCall()]);
    connect();
    await closed;
    expect(server.received.length).toBe(before);
  });

  test.each([
    ['refused', 'ECONNREFUSED', 'connection-refused'],
    ['not found', 'ENOTFOUND', 'name-not-found'],
    ['cut while it is made', 'ECONNRESET', 'not-connected'],
  ])('R8: a connection that is %s is retryable', async (_, code, says) => {
    const broken = new Agent({
      connect: (_options, done) => done(Object.assign(new Error('at secret.example'), { code }), null),
    });
    expect(await send({ http: broken })).toEqual({ ok: false, class: 'retryable', code: says, retryAfterMs: null });
    await broken.destroy();
  });

  test('R8: a server that is not there is retryable', async () => {
    const gone = await startMisbehavingServer();
    await gone.stop();
    const connection = { ...call().connection, settings: sample.settings(gone.url) };
    expect(await send({ connection })).toMatchObject({ class: 'retryable', code: 'connection-refused' });
  });

  const { keyOf } = sample;
  test.runIf(keyOf)('the send key is the same for every attempt, and another for another message', async () => {
    const before = server.received.length;
    await sendTo({ status: 500 });
    await sendTo({ status: 200 });
    await send({}, { key: `${key}8` });
    expect(server.received.slice(before).map((call) => keyOf?.(call))).toEqual([key, key, `${key}8`]);
  });

  test.each([
    ['unusable settings', { settings: { url: 'ftp://user:hunter2@secret.example' } }],
    ['no secret', { secrets: [] }],
    ['an unusable secret', { secrets: ['whsec_hunter2%%'] }],
  ])('never throws and never tells: %s', async (_, over) => {
    const outcome = await send({ connection: { ...call().connection, ...over } });
    expect(outcome.ok).toBe(false);
    expect(JSON.stringify(outcome)).not.toMatch(/hunter2|secret\.example/);
  });

  test('no failure shows a secret, an address, or a word of the provider', async () => {
    const shown = [
      await sendTo({ status: 400, body: `leak ${sample.secret}` }),
      await sendTo({ status: 500, headers: { 'x-leak': sample.secret } }),
      await sendTo('drop'),
      await send({ http: new Agent({ connect: (_options, done) => done(new Error(`leak ${server.url}`), null) }) }),
    ];
    expect(JSON.stringify(shown)).not.toMatch(/leak|127\.0\.0\.1|whsec/);
    expect(JSON.stringify(shown)).not.toContain(sample.secret);
  });
}

/** Until undici publishes on this channel. */
function once(channel: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = () => {
      diagnostics.unsubscribe(channel, listener);
      resolve();
    };
    diagnostics.subscribe(channel, listener);
  });
}
