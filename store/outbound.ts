/**
 * Words going out. Each attempt begins under the row's lock and says what came of it; what people see only rises. The
 * guarantees stand at the functions of 0020: nothing is begun that was cancelled or fenced, nothing that may have been
 * sent is sent again unless the caller says so.
 */
import { callFunction } from './call.ts';
import type { Pool } from './connection.ts';
import type { Rate } from './rates.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

/** What an attempt needs to know of a message and of where it goes. */
export interface OutboundWords {
  toId: string;
  /** Part of its key: see send-key.ts. */
  generation: number;
  /** Of the channel or desk, as the registries name it. */
  type: string;
  handover: number | null;
  authorKind: 'customer' | 'bot' | 'agent' | 'desk' | 'engine';
  authorName: string | null;
  /** `Content` of the adapters; null: erased. */
  content: object | null;
  /** When it was written, epoch ms. */
  at: number;
  thread: string;
  contactExternalId: string | null;
  /** Of a message in several parts: so many have surely arrived. */
  partsSent: number;
  connection: { settings: unknown; secrets: string[]; disabled: boolean };
}

export type Begun =
  | { kind: 'absent' | 'sent' | 'superseded' }
  | { kind: 'failed'; class: string }
  /** Nothing has begun: it is not its turn, or the connection is left alone. */
  | { kind: 'throttled'; retryAfterMs: number }
  | ({ kind: 'begun' } & OutboundWords)
  /** `newly`: the attempt before this one never said what came of it. */
  | ({ kind: 'ambiguous'; newly: boolean } & OutboundWords);

/** What the row says after an attempt. */
export interface Marked {
  status: string;
  class: string | null;
}

export interface Attempt extends ActorId {
  seq: number;
  /** Unique in the life of the conversation, also among repeats of one activity. */
  attemptId: string;
  /** epoch ms */
  at: number;
}

/** What the statements must know of kinds of channels, by their type. */
export interface ChannelKinds {
  /** Deliver by a visitor's stream; there, beginning is sending. */
  streams: string[];
  /** The rate of those that have one of themselves; a connection's own (`settings.rate`) goes before it. */
  rates: Record<string, Rate>;
}

export function beginSend(pool: Pool, attempt: Attempt, kinds: ChannelKinds, resend: boolean): Promise<Begun> {
  const statement = { name: 'begin-send', text: 'SELECT begin_send($1, $2, $3, $4, $5, $6, $7, $8) AS answer' };
  const { streams, rates } = kinds;
  return callFunction(pool, statement, [...placed(attempt), new Date(attempt.at), streams, rates, resend]);
}

export async function markPartSent(
  pool: Pool,
  { accountId, conversationId, seq, at }: Attempt,
  part: number,
  providerId: string | null,
): Promise<void> {
  const statement = { name: 'mark-part-sent', text: 'SELECT mark_part_sent($1, $2, $3, $4, $5, $6)::text AS answer' };
  await callFunction(pool, statement, [accountId, conversationId, seq, part, providerId, new Date(at)]);
}

export function markSent(pool: Pool, attempt: Attempt, providerId: string | null): Promise<Marked> {
  const statement = { name: 'mark-sent', text: 'SELECT mark_sent($1, $2, $3, $4, $5, $6) AS answer' };
  return callFunction(pool, statement, [...placed(attempt), providerId, new Date(attempt.at)]);
}

/** `retryAt`, `blockUntil`: epoch ms; the second binds every worker that uses this connection. */
export function markNotSent(
  pool: Pool,
  attempt: Attempt,
  because: { class: string; retryAt: number | null; blockUntil: number | null },
): Promise<Marked> {
  const statement = { name: 'mark-not-sent', text: 'SELECT mark_not_sent($1, $2, $3, $4, $5, $6, $7, $8) AS answer' };
  const times = [because.retryAt, because.blockUntil, attempt.at].map((ms) => (ms === null ? null : new Date(ms)));
  return callFunction(pool, statement, [...placed(attempt), because.class, ...times]);
}

export function markUnclear(pool: Pool, attempt: Attempt): Promise<Marked> {
  const statement = { name: 'mark-unclear', text: 'SELECT mark_unclear($1, $2, $3, $4, $5) AS answer' };
  return callFunction(pool, statement, [...placed(attempt), new Date(attempt.at)]);
}

/** The account's policy for a send whose outcome nobody can be asked for: at least once? */
export async function resendsBlindly(pool: Pool, actor: ActorId): Promise<boolean> {
  const statement = { name: 'resends-blindly', text: 'SELECT resends_blindly($1, $2) AS answer' };
  const resends = await callFunction<boolean | null>(pool, statement, [actor.accountId, actor.conversationId]);
  return resends === true;
}

function placed({ accountId, conversationId, seq, attemptId }: Attempt): unknown[] {
  return [accountId, conversationId, seq, attemptId];
}
