import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RawRequest } from '../../../adapters/contract/call.ts';
import type { ChannelAdapter, Inbound } from '../../../adapters/contract/channel.ts';
import { now } from '../raw-request.ts';
import type { ChannelSample } from './sample.ts';

export function describeIngress(adapter: ChannelAdapter, sample: NonNullable<ChannelSample['ingress']>): void {
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
