/** What the API is built from. Handed in, so that a process, `npm run dev` and a test each bring their own. */
import type { Logger } from 'pino';
import type { BotAdapter, ChannelAdapter, DeskAdapter } from '../adapters/contract.ts';
import type { Pool } from '../store/connection.ts';
import type { CommandName } from '../workflows/conversation/inputs.ts';
import type { ActorId, CommandPayload, Outcome } from '../workflows/conversation/messages.ts';
import type { ApiConfig } from './config.ts';

export interface Commands {
  /** Hands a command to its conversation and answers with what it came to. */
  execute<N extends CommandName>(actor: ActorId, name: N, payload: CommandPayload<N>): Promise<Outcome>;
}

/** How much waits for the courier. Past a limit nothing more is accepted. */
export interface Backlog {
  /** Seconds for `Retry-After`; null: there is room. */
  overLimit(): Promise<number | null>;
}

export interface Registry<A> {
  get(type: string): A | undefined;
  keys(): Iterable<string>;
}

export interface ApiDependencies {
  config: ApiConfig;
  /** Logs in as the API's role. */
  pool: Pool;
  commands: Commands;
  backlog: Backlog;
  logger: Logger;
  channels: Registry<ChannelAdapter>;
  bots: Registry<BotAdapter>;
  desks: Registry<DeskAdapter>;
  /** epoch ms */
  clock: () => number;
}
