import { Agent } from 'undici';
import { afterEach, beforeEach } from 'vitest';
import type { Call } from '../../../adapters/contract/call.ts';
import type { ChannelAdapter, Sending } from '../../../adapters/contract/channel.ts';
import { startMisbehavingServer, type Behaviour, type MisbehavingServer } from '../misbehaving-server.ts';
import { now } from '../raw-request.ts';
import type { ChannelSample } from './sample.ts';

export const key = '0190b1c2-7c1e-7000-8000-000000000001:17';
const sending: Sending = {
  key,
  thread: 't1',
  contactExternalId: 'c1',
  content: { text: 'Hello' },
  author: { kind: 'agent', name: 'Bob' },
};

export function sendOne(adapter: ChannelAdapter, call: Call, what: Partial<Sending> = {}) {
  if (adapter.delivery.kind !== 'network') throw new Error('not delivered by network');
  return adapter.delivery.send({ ...sending, ...what }, call);
}

export type Network = NonNullable<ChannelSample['network']>;

export interface Outgoing {
  /** The network, as a server that does what a test tells it to. */
  server: MisbehavingServer;
  call(over?: Partial<Call>): Call;
  send(over?: Partial<Call>, what?: Partial<Sending>): ReturnType<typeof sendOne>;
  sendTo(behaviour: Behaviour): ReturnType<typeof sendOne>;
}

/** A server for each test, and connections of its own to it. */
export function outgoingOf(adapter: ChannelAdapter, sample: Network): Outgoing {
  let http: Agent;
  const outgoing = {
    call: (over = {}) => ({
      http,
      signal: new AbortController().signal,
      connection: {
        accountId: 'a',
        id: 'c',
        settings: sample.settings(outgoing.server.url),
        secrets: [sample.secret],
      },
      now,
      ...over,
    }),
    send: (over, what = {}) => sendOne(adapter, outgoing.call(over), what),
    sendTo(behaviour) {
      outgoing.server.behave(behaviour);
      return outgoing.send();
    },
  } as Outgoing;
  beforeEach(async () => {
    outgoing.server = await startMisbehavingServer();
    http = new Agent();
  });
  afterEach(async () => {
    await http.destroy();
    await outgoing.server.stop();
  });
  return outgoing;
}
