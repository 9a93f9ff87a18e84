/** What a channel can carry. Stands in the API, in each bot turn and in the docs. */
import type { MediaKind } from './content.ts';

export type Dir = 'none' | 'receive' | 'send' | 'both';

export interface Capabilities {
  /**
   * `maxChars`: of one message that goes out; what is longer is cut into several. `maxCharsReceived`: of one that comes in;
   * what is longer is not taken (refused, or parked). Both in UTF-16 units, as JavaScript counts.
   */
  text: { dir: Dir; maxChars: number; maxCharsReceived: number; markup: 'plain' | 'markdown' };
  media: Partial<Record<MediaKind, { dir: Dir; maxBytes?: number; mime?: string[] }>>;
  buttons: { mode: 'none' | 'inline' | 'reply'; max: number; titleMax: number };
  typing: Dir;
  receipts: { delivered: boolean; read: boolean; failed: boolean };
  window: { kind: 'none' } | { kind: 'since-last-inbound'; hours: number };
  initiate: 'no' | 'template' | 'yes';
  /**
   * How many sends the network takes over one connection; null: as many as come. Where the settings of a connection have
   * a `rate` (`rate` of rate.ts, or null for none), that is it, whatever the network's usual one is.
   */
  rate: { perSecond: number; burst: number } | null;
  ordering: 'per-conversation' | 'none';
  /** `key`: a repeated send with the same key has one effect. `reconcile`: the channel can be asked. */
  sendIdempotency: 'none' | 'reconcile' | 'key';
  /** May a hand-over name a target, and carry history? */
  handover: { target: boolean; history: boolean };
}
