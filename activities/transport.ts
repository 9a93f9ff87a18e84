/** How the parts of one outbound message reach where they go: what an attempt needs of a channel or a desk, no more. */
import type { Connection, Failure } from '../adapters/contract/call.ts';
import type { Capabilities } from '../adapters/contract/capabilities.ts';
import type { Sent } from '../adapters/contract/channel.ts';
import type { Content } from '../adapters/contract/content.ts';
import type { Attempt, ChannelKinds, OutboundWords } from '../store/outbound.ts';
import type { WorkDependencies } from './dependencies.ts';

export interface Transport {
  /** In order; a message that is carried whole has one. */
  parts: Content[];
  rate: Capabilities['rate'];
  /** What can be done about a send whose outcome nobody knows. */
  idempotency: 'none' | 'reconcile' | 'key';
  post(content: Content, key: string, signal: AbortSignal): Promise<Sent>;
  /** Asked only where `idempotency` says so. */
  reconcile(key: string, signal: AbortSignal): Promise<'sent' | 'absent' | 'unknown' | Failure>;
}

/** An attempt at work. */
export interface OutboundAttempt {
  deps: WorkDependencies;
  attempt: Attempt;
  /** The core knows that an earlier attempt may have sent it: then one that fails is not the last word on it. */
  isKnownUnclear: boolean;
  /** An earlier one may have, and the core has not heard of that: what fails now has not failed for good. */
  mayHaveArrived?: boolean;
  kinds: ChannelKinds;
  sendMs: number;
  /** By when all must be said, by `performance.now()`. */
  endsMs: number;
  transportOf: (words: OutboundWords) => Transport | Failure;
}

export function kindsOf({ channels }: Pick<WorkDependencies, 'channels'>): ChannelKinds {
  const streams: string[] = [];
  const rates: ChannelKinds['rates'] = {};
  for (const type of channels.keys()) {
    const adapter = channels.get(type);
    if (adapter?.delivery.kind === 'stream') streams.push(type);
    const rate = adapter?.capabilities({}).rate ?? null;
    if (rate !== null) rates[type] = rate;
  }
  return { streams, rates };
}

export function isUsable(transport: Transport | Failure): transport is Transport {
  return 'parts' in transport;
}

export function connectionOf(
  accountId: string,
  id: string,
  { settings, secrets }: Pick<Connection, 'settings' | 'secrets'>,
): Connection {
  return { accountId, id, settings, secrets };
}
