/** An outside system in which people answer, as the engine asks of it. */
import type { BodySchema, Call, Connection, Failure, RawRequest, SettingsSchema, Verified } from './call.ts';
import type { Content } from './content.ts';

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
  readonly settings: SettingsSchema;
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
  readonly body?: BodySchema;
  verify(request: RawRequest, connection: Connection): Verified;
  parse(request: RawRequest, connection: Connection): DeskEvent[];
}
