/** Whoever answers customers by itself, as the engine asks of it. */
import type { BodySchema, Call, Failure, SettingsSchema } from './call.ts';
import type { Capabilities } from './capabilities.ts';
import type { Content } from './content.ts';

/** A request for a person, as a bot words it. */
export interface HandoverWords {
  reason?: string;
  groupId?: string;
  deskId?: string;
  skill?: string;
  webstore?: string;
  channelTag?: string;
  priority?: number;
  history?: { kind: 'none' } | { kind: 'last'; count: number } | { kind: 'all' };
  data?: Record<string, unknown>;
}

export interface BotTurn {
  /** Shared by all tries; the first answer wins. */
  turnId: string;
  conversation: { id: string; channel: { id: string; type: string }; capabilities: Capabilities };
  contact: { id: string; name?: string };
  event:
    | { type: 'messages'; messages: { id: string; content: Content; at: string }[] }
    | { type: 'prechat'; agentStatus: 'online' | 'offline' }
    | { type: 'returned'; because: string };
  /** During prechat the bot's dialogue is the intake. */
  intake: boolean;
  reply: { url: string; token: string; deadlineMs: number };
}

export interface BotWords {
  messages: Content[];
  handover: HandoverWords | null;
  intake: { status: 'open' | 'done' | 'cancelled'; answers: { name: string; label?: string; value: string }[] } | null;
}

export interface BotAdapter {
  readonly type: string;
  readonly settings: SettingsSchema;
  ask(turn: BotTurn, call: Call): Promise<{ ok: true; words: BotWords } | { ok: true; deferred: true } | Failure>;
  /** Of the later answer; what is answered at once is the same. */
  readonly body?: BodySchema;
  /** The later answer to a turn that was deferred, from the body of the call to the API. */
  parse(body: unknown): { ok: true; words: BotWords } | { ok: false; issues: string[] };
}
