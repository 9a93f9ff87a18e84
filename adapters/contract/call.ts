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
import type { z } from 'zod';

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

/** A zod schema (loose) of a connection's settings, which are checked as a whole when they are saved. */
export interface SettingsSchema {
  safeParse(value: unknown): { success: boolean; error?: { issues: unknown[] }; data?: unknown };
}

/** What the other side sends, in words for whoever writes it: shown in the API's document, and checked by `parse` alone. */
export type BodySchema = z.ZodType;

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
