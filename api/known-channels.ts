/**
 * Channels as this process read them last, so that a webhook costs one round trip and not two. Nothing is decided by what is
 * remembered: it is compared in the transaction that stores (`acceptInboundIf`), so every webhook that comes after an exchanged
 * secret or a switched-off channel was committed is judged by that, in every process; nobody has to be told.
 */
import type { Connection } from '../adapters/contract/call.ts';
import type { Pool } from '../store/connection.ts';
import type { Endpoint } from '../store/endpoints.ts';
import { endpointOf } from './webhook-request.ts';

export type Channel = Endpoint & Connection;

export type ChannelId = Pick<Channel, 'accountId' | 'id'>;

export interface KnownChannels {
  /** As it was a while ago. */
  recall(id: ChannelId): Channel | undefined;
  /** As it is now. Throws 404 where there is none. */
  read(id: ChannelId): Promise<Channel>;
}

/** `most`: channels; past it, the one that was read longest ago is forgotten. */
export function createKnownChannels(pool: Pool, most = 1_000): KnownChannels {
  const known = new Map<string, Channel>();
  const keyOf = ({ accountId, id }: ChannelId): string => `${accountId}/${id}`;
  return {
    recall: (id) => known.get(keyOf(id)),
    async read(id) {
      known.delete(keyOf(id));
      const channel = await endpointOf(pool, 'channel', id);
      known.set(keyOf(id), channel);
      const [eldest] = known.keys();
      if (known.size > most && eldest !== undefined) known.delete(eldest);
      return channel;
    },
  };
}
