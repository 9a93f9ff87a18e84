import { Agent } from 'undici';
import { expect, test } from 'vitest';
import type { ChannelAdapter } from '../../../adapters/contract/channel.ts';
import { startMisbehavingServer } from '../misbehaving-server.ts';
import { now } from '../raw-request.ts';
import { sendOne } from './outgoing.ts';
import type { ChannelSample } from './sample.ts';

export function describeWindow(adapter: ChannelAdapter, { settings, window, network, ingress }: ChannelSample): void {
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
