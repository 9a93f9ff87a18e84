/** What the activities that touch the outside are built from. */
import type { Dispatcher } from 'undici';
import type { BotAdapter } from '../adapters/contract/bot.ts';
import type { ChannelAdapter } from '../adapters/contract/channel.ts';
import type { DeskAdapter } from '../adapters/contract/desk.ts';
import type { Pool } from '../store/connection.ts';

export interface Registry<A> {
  get(type: string): A | undefined;
  keys(): Iterable<string>;
}

export interface AdapterBug {
  /** The type under which it is registered. */
  adapter: string;
  error: unknown;
}

export interface WorkDependencies {
  /** Logs in as the worker's role. */
  pool: Pool;
  /** How the network is reached. */
  http: Dispatcher;
  channels: Registry<ChannelAdapter>;
  bots: Registry<BotAdapter>;
  desks: Registry<DeskAdapter>;
  /** Where bots reach the API. */
  publicUrl: string;
  /** Of the tokens that bots answer with; the API's. */
  tokenKey: Uint8Array | string;
  /** epoch ms */
  clock: () => number;
  /** An adapter broke its promise and threw. No text of the error may go further. */
  onAdapterBug(bug: AdapterBug): void;
  /**
   * How long one call to a channel or desk may take, and a question whether somebody is there; and how many calls of an
   * account may be out at once.
   */
  limits?: { sendMs?: number; presenceMs?: number; callsPerAccount?: number };
}
