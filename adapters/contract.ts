/**
 * What the engine asks of an outside system. Adapters classify, the core decides.
 *
 * Rules for every adapter:
 * 1. `verify` and `parse` are pure and synchronous over the raw bytes, and never throw: what is unknown is `ignored`,
 *    what can't be read is `unreadable`, and one bad item does not drop its batch.
 * 2. Whatever calls the outside makes one attempt and answers with an outcome; retries are the core's.
 * 3. Nothing here knows Temporal, Postgres or the API. The network is reached through the injected `http`.
 */
import type { Dispatcher } from 'undici';

/** Content of a message, in or out. What a channel can't show is degraded by `render`, never dropped in silence. */
export interface Content {
  text?: string;
  /** How `text` is written; without it, plain: then nothing in it is taken for markup. */
  markup?: 'markdown';
  /** Quick replies; a channel without buttons gets numbered text. */
  buttons?: { title: string; payload: string }[];
  attachments?: Attachment[];
  /** Inbound: of the button that was pressed; `text` is its title. */
  payload?: string;
}

export type MediaKind = 'image' | 'video' | 'audio' | 'file';

export interface Attachment {
  kind: MediaKind;
  url: string;
  name?: string;
  mime?: string;
  bytes?: number;
}

export type Dir = 'none' | 'receive' | 'send' | 'both';

/** What a channel can carry. Stands in the API, in each bot turn and in the docs. */
export interface Capabilities {
  text: { dir: Dir; maxChars: number; markup: 'plain' | 'markdown' };
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

export interface RawRequest {
  method: string;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  body: Uint8Array;
  /** epoch ms; replays outside the window are refused against it. */
  receivedAt: number;
}

export type Verified =
  | { ok: true }
  | { ok: false; status: 401 | 403; code: string }
  | { ok: 'challenge'; body: string };

/** One item of a webhook. `externalId` is the network's own id: the same id has one effect. */
export type Inbound =
  | {
      kind: 'message';
      externalId: string;
      thread: string;
      contact: { externalId: string; name?: string; phones?: string[]; emails?: string[]; pageUrl?: string };
      content: Content;
      /** The end channel that a platform reports. */
      endChannel?: string;
    }
  | { kind: 'cancel'; externalId: string; thread: string }
  | {
      kind: 'receipt';
      externalId: string | null;
      providerId: string;
      /** The send key, where the network gives it back: a receipt by key settles a send whose answer was lost. */
      key?: string;
      status: 'sent' | 'delivered' | 'read' | 'failed';
      /** Of `failed`. */
      class?: FailureClass;
    }
  | { kind: 'ignored'; because: string }
  | { kind: 'unreadable'; externalId: string | null; because: string; item: unknown };

export type FailureClass =
  | 'retryable'
  | 'throttled'
  | 'ambiguous'
  | 'window-closed'
  | 'recipient-unreachable'
  | 'content-rejected'
  | 'auth'
  | 'permanent';

/** `class` and `code` only: no text of a provider goes further than this. */
export interface Failure {
  ok: false;
  class: FailureClass;
  code: string;
  retryAfterMs: number | null;
}

export interface Connection {
  accountId: string;
  id: string;
  settings: unknown;
  /** Standard Webhooks secrets (`whsec_…`), newest first; during a rotation two are valid. */
  secrets: string[];
}

export interface Call {
  http: Dispatcher;
  /** Aborts at the attempt's time limit. */
  signal: AbortSignal;
  connection: Connection;
  now: number;
}

export interface Sending {
  /** Conversation id and outbound sequence: the same for every attempt of one message. Without a dot (signatures). */
  key: string;
  thread: string;
  contactExternalId: string;
  /** One part, as `render` made it for this channel; each part of a message has a key of its own. */
  content: Content;
  author: { kind: 'bot' | 'agent' | 'desk' | 'engine'; name?: string };
}

export type Sent = { ok: true; providerId: string | null } | Failure;

export interface ChannelAdapter {
  readonly type: string;
  readonly title: string;
  /** zod schema (loose) of `settings`, checked as a whole when a channel is saved. */
  readonly settings: { safeParse(value: unknown): { success: boolean; error?: { issues: unknown[] }; data?: unknown } };
  capabilities(settings: unknown): Capabilities;
  /** null: nothing comes by webhook (web chat has routes of its own). */
  readonly ingress: {
    verify(request: RawRequest, connection: Connection): Verified;
    parse(request: RawRequest, connection: Connection): Inbound[];
    /** What the network wants to hear after everything was stored. */
    ack(): { status: number; body: unknown };
  } | null;
  /**
   * `network`: an attempt is a call. `stream`: the message is delivered by standing in the visitor's stream, in the very
   * transaction that marks it as sent, so there is no attempt that could be ambiguous.
   */
  readonly delivery:
    | {
        kind: 'network';
        send(sending: Sending, call: Call): Promise<Sent>;
        reconcile?(key: string, call: Call): Promise<'sent' | 'absent' | 'unknown'>;
      }
    | { kind: 'stream' };
}

// ------------------------------------------------------------------------------------------------------------ bots

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
  readonly settings: ChannelAdapter['settings'];
  ask(turn: BotTurn, call: Call): Promise<{ ok: true; words: BotWords } | { ok: true; deferred: true } | Failure>;
  /** The later answer to a turn that was deferred, from the body of the call to the API. */
  parse(body: unknown): { ok: true; words: BotWords } | { ok: false; issues: string[] };
}

// ------------------------------------------------------------------------------------------------------------ desks

export interface DeskOffer {
  handoverId: string;
  conversationId: string;
  contact: { id: string; name?: string; phones: string[]; emails: string[] };
  reason?: string;
  skill?: string;
  webstore?: string;
  channelTag?: string;
  priority: number;
  data: Record<string, unknown>;
  intake: { name: string; label?: string; value: string }[];
  /** In order; empty where the request said none. Of what was asked for the newest lines, at most `longestHistory`. */
  history: { id: string; author: 'customer' | 'bot' | 'agent' | 'desk' | 'engine'; content: Content; at: string }[];
  /** So many earlier lines were asked for, too, and left out. */
  historyOmitted: number;
}

export type Opened = { ok: true; refused: boolean; accepted?: { person?: DeskPerson } };

export interface DeskPerson {
  id: string;
  name?: string;
}

export type DeskEvent =
  | { kind: 'accepted'; externalId: string; handoverId: string; person?: DeskPerson }
  | { kind: 'refused'; externalId: string; handoverId: string; code?: string }
  | { kind: 'answered'; externalId: string; handoverId: string; person?: DeskPerson; content: Content }
  | { kind: 'closed'; externalId: string; handoverId: string }
  /** Took the chat unasked. */
  | { kind: 'took'; externalId: string; conversationId: string; person?: DeskPerson }
  | { kind: 'ignored'; because: string }
  | { kind: 'unreadable'; externalId: string | null; because: string; item: unknown };

export interface DeskAdapter {
  readonly type: string;
  readonly settings: ChannelAdapter['settings'];
  presence(facts: { skill?: string; webstore?: string }, call: Call): Promise<{ ok: true; online: boolean } | Failure>;
  /** `accepted`: a person answers from this instant; the same news as an `accepted` event. */
  open(offer: DeskOffer, key: string, call: Call): Promise<Opened | Failure>;
  post(
    line: { handoverId: string; key: string; content: Content; at: string },
    call: Call,
  ): Promise<{ ok: true } | Failure>;
  tell(
    news: { handoverId: string; kind: 'closed' | 'taken'; key: string },
    call: Call,
  ): Promise<{ ok: true } | Failure>;
  verify(request: RawRequest, connection: Connection): Verified;
  parse(request: RawRequest, connection: Connection): DeskEvent[];
}
