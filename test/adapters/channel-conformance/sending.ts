import { Agent } from 'undici';
import { expect, test } from 'vitest';
import type { ChannelAdapter } from '../../../adapters/contract/channel.ts';
import type { Behaviour } from '../misbehaving-server.ts';
import { now } from '../raw-request.ts';
import { key, outgoingOf, type Network } from './outgoing.ts';

/** What becomes of a send by the network's answer; and that nothing of a secret is told. */
export function describeSending(adapter: ChannelAdapter, sample: Network): void {
  const out = outgoingOf(adapter, sample);

  test('2xx: sent, with the id of the provider where it names one', async () => {
    expect(await out.sendTo({ status: 200, body: sample.accepted('p1') })).toEqual({ ok: true, providerId: 'p1' });
    expect(await out.sendTo({ status: 200 })).toMatchObject({ ok: true });
    expect(await out.sendTo({ status: 204 })).toMatchObject({ ok: true });
    expect(await out.sendTo({ status: 200, body: 'OK' })).toMatchObject({ ok: true });
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
    expect(await out.sendTo(behaviour)).toMatchObject({ ok: false, class: failureClass, retryAfterMs });
  });

  test('R8: Retry-After may be a date', async () => {
    const at = new Date(now + 60_000).toUTCString();
    const outcome = await out.sendTo({ status: 429, headers: { 'retry-after': at } });
    expect(outcome).toMatchObject({ ok: false, class: 'throttled', retryAfterMs: 60_000 });
  });

  test('never follows a redirect', async () => {
    const before = out.server.received.length;
    const outcome = await out.sendTo({ status: 307, headers: { location: out.server.url } });
    expect(outcome).toMatchObject({ ok: false, class: 'permanent' });
    expect(out.server.received.length).toBe(before + 1);
  });

  test('R8: what was accepted is sent, though the connection broke behind the status', async () => {
    expect(await out.sendTo('drop-behind-status')).toMatchObject({ ok: true });
  });

  const { keyOf } = sample;
  test.runIf(keyOf)('the send key is the same for every attempt, and another for another message', async () => {
    const before = out.server.received.length;
    await out.sendTo({ status: 500 });
    await out.sendTo({ status: 200 });
    await out.send({}, { key: `${key}8` });
    expect(out.server.received.slice(before).map((call) => keyOf?.(call))).toEqual([key, key, `${key}8`]);
  });

  test.each([
    ['unusable settings', { settings: { url: 'ftp://user:hunter2@secret.example' } }],
    ['no secret', { secrets: [] }],
    ['an unusable secret', { secrets: ['whsec_hunter2%%'] }],
  ])('never throws and never tells: %s', async (_, over) => {
    const outcome = await out.send({ connection: { ...out.call().connection, ...over } });
    expect(outcome.ok).toBe(false);
    expect(JSON.stringify(outcome)).not.toMatch(/hunter2|secret\.example/);
  });

  test('no failure shows a secret, an address, or a word of the provider', async () => {
    const shown = [
      await out.sendTo({ status: 400, body: `leak ${sample.secret}` }),
      await out.sendTo({ status: 500, headers: { 'x-leak': sample.secret } }),
      await out.sendTo('drop'),
      await out.send({
        http: new Agent({ connect: (_options, done) => done(new Error(`leak ${out.server.url}`), null) }),
      }),
    ];
    expect(JSON.stringify(shown)).not.toMatch(/leak|127\.0\.0\.1|whsec/);
    expect(JSON.stringify(shown)).not.toContain(sample.secret);
  });
}
