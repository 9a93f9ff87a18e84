import type { Dispatcher } from 'undici';
import type { Call, Failure, FailureClass } from './contract/call.ts';
import { failure, failureOfError, failureOfStatus } from './outcomes.ts';
import { signedHeaders } from './signatures.ts';

/**
 * One attempt of one signed call (Standard Webhooks): no retry, no redirect, no throw. Every native protocol goes
 * through here, so that a signature, a time limit and a failure mean the same for channels, bots and desks.
 */
export async function exchange(message: Outgoing, call: Call): Promise<Exchanged> {
  const body = JSON.stringify({ type: message.type, timestamp: new Date(call.now).toISOString(), data: message.data });
  const signed = signedHeaders(message.id, call.now, body, call.connection.secrets);
  if (!signed) return failure('auth', 'no-usable-secret');
  if (!URL.canParse(message.url)) return failure('permanent', 'request-unusable');
  const { origin, pathname, search } = new URL(message.url);
  return attempt(
    {
      origin,
      path: pathname + search,
      method: 'POST',
      headers: { ...signed, 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'Baton' },
      body,
    },
    call,
    message.classOf,
  );
}

export interface Outgoing {
  url: string;
  /** `webhook-id`: the same for every attempt, so that the receiver can tell a repeat. */
  id: string;
  type: string;
  data: unknown;
  /** What the body of a refusal (4xx) says, where it says more than its status. */
  classOf?: (body: Uint8Array | null) => FailureClass | null;
}

/** The receiver took the call (2xx). `body` is null where it was lost behind the status, or longer than the limit. */
export type Exchanged = { ok: true; status: number; body: Uint8Array | null } | Failure;

/** An answer longer than this is not read to its end. */
export const MAX_ANSWER_BYTES = 256 * 1024;

/** Stands for the signal's own reason, which may be anything. */
const TIMED_OUT = new DOMException('The attempt has ended', 'TimeoutError');
const TOO_LONG = new Error('The answer is too long');
const NO_STATUS = new Error('The answer ended before its status');

/**
 * Below undici's `request`, because only `dispatch` says when a request begins to be written (`onRequestStart`).
 * Settles as soon as the signal aborts, whatever the connection does then.
 */
function attempt(
  options: Dispatcher.DispatchOptions,
  { http, signal, now }: Call,
  classOf: Outgoing['classOf'],
): Promise<Exchanged> {
  return new Promise((resolve) => {
    const answer = createAnswer(now, classOf);
    let controller: Dispatcher.DispatchController | null = null;

    const settle = (outcome: Exchanged) => {
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    /** What was answered counts, and only without an answer what went wrong. */
    const settleBroken = (error: unknown, body: Uint8Array | null = null) =>
      settle(answer.outcome(body) ?? failureOfError(error, controller !== null));
    const onAbort = () => {
      settleBroken(TIMED_OUT);
      controller?.abort(TIMED_OUT);
    };

    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        // Called before the first byte is written; an attempt that has ended meanwhile is not sent.
        if (signal.aborted) started.abort(TIMED_OUT);
        else controller = started;
      },
      onResponseStart: (_, status, headers) => answer.begin(status, headers['retry-after']),
      onResponseData(started, chunk) {
        if (answer.take(chunk)) return;
        settleBroken(TOO_LONG);
        started.abort(TOO_LONG);
      },
      onResponseEnd: () => settleBroken(NO_STATUS, answer.body()),
      onResponseError: (_, error) => settleBroken(error),
    };
    try {
      http.dispatch(options, handler);
    } catch (error) {
      settleBroken(error);
    }
  });
}

interface Answer {
  begin(status: number, retryAfter: string | string[] | undefined): void;
  /** False: this is more than is read. */
  take(chunk: Buffer): boolean;
  body(): Uint8Array;
  /** null: there is no status yet. */
  outcome(body: Uint8Array | null): Exchanged | null;
}

function createAnswer(now: number, classOf: Outgoing['classOf']): Answer {
  let head: { status: number; retryAfter: string | undefined } | null = null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    begin(status, retryAfter) {
      if (status >= 200) head = { status, retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter };
    },
    take(chunk) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) return false;
      chunks.push(chunk);
      return true;
    },
    body: () => Buffer.concat(chunks),
    outcome(body) {
      if (!head) return null;
      const { status, retryAfter } = head;
      if (status < 300) return { ok: true, status, body };
      const failed = failureOfStatus(status, retryAfter, now);
      const says = status >= 400 && status < 500 ? classOf?.(body) : null;
      return says ? { ...failed, class: says } : failed;
    },
  };
}
