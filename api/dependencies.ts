/** What the API is built from. Handed in, so that a process, `npm run dev` and a test each bring their own. */
import type { Logger } from 'pino';
import type { BotAdapter } from '../adapters/contract/bot.ts';
import type { ChannelAdapter } from '../adapters/contract/channel.ts';
import type { DeskAdapter } from '../adapters/contract/desk.ts';
import type { Pool } from '../store/connection.ts';
import type { CommandName } from '../workflows/conversation/inputs.ts';
import type { ActorId, CommandPayload, Outcome } from '../workflows/conversation/messages.ts';
import type { ApiConfig } from './config.ts';
import type { Draining } from './draining.ts';

export interface Commands {
  /** Hands a command to its conversation and answers with what it came to. */
  execute<N extends CommandName>(actor: ActorId, name: N, payload: CommandPayload<N>): Promise<Outcome>;
  /** Hands it over, and nobody waits for the outcome: it is stored under the command's key. */
  signal<N extends CommandName>(actor: ActorId, name: N, payload: CommandPayload<N>): Promise<void>;
}

/** How much is stored and not decided on. Past a limit nothing more is accepted: 503 `backlog-full`. */
export interface Backlog {
  isFull(): boolean;
}

/** A number that the process knows and Prometheus asks for. */
export interface ProcessGauge {
  /** `baton_…` */
  name: string;
  help: string;
  read(): number;
}

export interface Registry<A> {
  get(type: string): A | undefined;
  keys(): Iterable<string>;
  values(): Iterable<A>;
}

export interface ApiDependencies {
  config: ApiConfig;
  /** Logs in as the API's role. */
  pool: Pool;
  commands: Commands;
  backlog: Backlog;
  /** Absent: it is never asked to leave. */
  draining?: Pick<Draining, 'hasBegun'>;
  /** null: Temporal answers; else why it doesn't. */
  temporalTrouble: () => Promise<string | null>;
  logger: Logger;
  channels: Registry<ChannelAdapter>;
  bots: Registry<BotAdapter>;
  desks: Registry<DeskAdapter>;
  /** epoch ms */
  clock: () => number;
  /** Shown beside the API's own metrics. */
  gauges?: readonly ProcessGauge[];
}
