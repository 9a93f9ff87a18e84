import diagnostics from 'node:diagnostics_channel';
import { Agent, buildConnector } from 'undici';
import { expect, test } from 'vitest';
import type { ChannelAdapter } from '../../../adapters/contract/channel.ts';
import { startMisbehavingServer } from '../misbehaving-server.ts';
import { outgoingOf, type Network } from './outgoing.ts';

/** What becomes of an attempt that is cut short, by where it was: written is ambiguous, unwritten may be sent again. */
export function describeAttempts(adapter: ChannelAdapter, sample: Network): void {
  const out = outgoingOf(adapter, sample);

  test('R8: what was accepted is sent, though the attempt ended behind the status', async () => {
    out.server.behave('hang-behind-status');
    const limit = new AbortController();
    const statusRead = once('undici:request:headers');
    const outcome = out.send({ signal: limit.signal });
    await statusRead;
    limit.abort();
    expect(await outcome).toMatchObject({ ok: true });
  });

  test('R8: a time-out behind the writing of the request is ambiguous', async () => {
    out.server.behave('hang');
    const limit = new AbortController();
    const arrived = out.server.nextCall();
    const outcome = out.send({ signal: limit.signal });
    await arrived;
    limit.abort();
    expect(await outcome).toEqual({ ok: false, class: 'ambiguous', code: 'no-answer', retryAfterMs: null });
  });

  test('R8: a time-out before it is retryable', async () => {
    const limit = new AbortController();
    const neverConnects = new Agent({ connect: () => limit.abort() });
    const before = out.server.received.length;
    expect(await out.send({ http: neverConnects, signal: limit.signal })).toMatchObject({ class: 'retryable' });
    expect(await out.send({ signal: AbortSignal.abort() })).toMatchObject({ class: 'retryable' });
    expect(out.server.received.length).toBe(before);
    await neverConnects.destroy();
  });

  test('R8: an attempt that ended while it was being connected is never written', async () => {
    const limit = new AbortController();
    let connect = (): void => undefined;
    let ask = (): void => undefined;
    const wanted = new Promise<void>((resolve) => (ask = resolve));
    const slow = new Agent({
      connect: (options, done) => {
        connect = () => buildConnector({})(options, done);
        ask();
      },
    });
    out.server.behave({ status: 200 });
    const before = out.server.received.length;
    const outcome = out.send({ http: slow, signal: limit.signal });
    await wanted;
    limit.abort();
    expect(await outcome).toMatchObject({ class: 'retryable', code: 'not-sent-in-time' });
    const closed = Promise.race([out.server.nextClosing(), out.server.nextCall()]);
    connect();
    await closed;
    expect(out.server.received.length).toBe(before);
    await slow.destroy();
  });

  test.each([
    ['refused', 'ECONNREFUSED', 'connection-refused'],
    ['not found', 'ENOTFOUND', 'name-not-found'],
    ['cut while it is made', 'ECONNRESET', 'not-connected'],
  ])('R8: a connection that is %s is retryable', async (_, code, says) => {
    const broken = new Agent({
      connect: (_options, done) => done(Object.assign(new Error('at secret.example'), { code }), null),
    });
    expect(await out.send({ http: broken })).toEqual({ ok: false, class: 'retryable', code: says, retryAfterMs: null });
    await broken.destroy();
  });

  test('R8: a server that is not there is retryable', async () => {
    const gone = await startMisbehavingServer();
    await gone.stop();
    const connection = { ...out.call().connection, settings: sample.settings(gone.url) };
    expect(await out.send({ connection })).toMatchObject({ class: 'retryable', code: 'connection-refused' });
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
