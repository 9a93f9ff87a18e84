import type { RawRequest } from '../../../adapters/contract/call.ts';
import type { Behaviour, Received } from '../misbehaving-server.ts';

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
