/** A messaging network or platform, as the engine asks of it. */
import type {
  BodySchema,
  Call,
  Connection,
  Failure,
  FailureClass,
  RawRequest,
  SettingsSchema,
  Verified,
} from './call.ts';
import type { Capabilities } from './capabilities.ts';
import type { Content } from './content.ts';

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
  readonly settings: SettingsSchema;
  capabilities(settings: unknown): Capabilities;
  /** null: nothing comes by webhook (web chat has routes of its own). */
  readonly ingress: {
    readonly body?: BodySchema;
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
