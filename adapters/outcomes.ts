import type { Failure, FailureClass } from './contract/call.ts';

/**
 * One reading of failures for all adapters: the class says what the core may do next, the code says what happened, and
 * both come from fixed lists, so that no word (or secret) of a provider or of a URL goes further than this.
 *
 * The line that matters most is whether the request may have been written: before it, nothing can have happened and a
 * repeat is harmless (`retryable`); behind it, without an answer, the receiver may have acted (`ambiguous`).
 *
 * | answer | class | why |
 * |---|---|---|
 * | 401, 403, 407 | auth | the connection needs other credentials, not this message |
 * | 429; 503 with Retry-After | throttled | wait exactly as long as it says |
 * | 502, 504 | ambiguous | a gateway had passed the request on |
 * | 408, 409, 425, 500, 503, other 5xx | retryable | the receiver says that it did not take the message (409: an earlier try of the same key is still at work) |
 * | 413, 415, 422 | content-rejected | this content, not this connection |
 * | 410 | permanent, `gone` | the endpoint wants no more calls |
 * | 3xx | permanent | redirects are never followed: they would carry signed words elsewhere |
 * | other 4xx | permanent | the same request would get the same answer |
 */
export function failureOfStatus(status: number, retryAfter: string | undefined, now: number): Failure {
  const retryAfterMs = readRetryAfter(retryAfter, now);
  if (status === 429 || (status === 503 && retryAfterMs !== null)) {
    return failure('throttled', `http-${status}`, retryAfterMs);
  }
  return failure(classOfStatus(status), status === 410 ? 'gone' : `http-${status}`, retryAfterMs);
}

function classOfStatus(status: number): FailureClass {
  if ([401, 403, 407].includes(status)) return 'auth';
  if ([502, 504].includes(status)) return 'ambiguous';
  if ([408, 409, 425].includes(status) || status >= 500) return 'retryable';
  if ([413, 415, 422].includes(status)) return 'content-rejected';
  return 'permanent';
}

/** A call that got no answer. `written`: some of the request may have reached the network. */
export function failureOfError(error: unknown, written: boolean): Failure {
  const code = codeOf(error);
  if (written) return failure('ambiguous', TIMEOUTS.has(code) ? 'no-answer' : 'connection-lost');
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_URL') return failure('permanent', 'request-unusable');
  // The worker's own no, to an address that accounts may not name.
  if (code === 'ENOTPUBLIC') return failure('permanent', 'address-not-public');
  return failure('retryable', NOT_CONNECTED[code] ?? (TIMEOUTS.has(code) ? 'not-sent-in-time' : 'not-connected'));
}

/**
 * For calls whose receiver is bound to take a repeat under the same id as one (bots' turns, desks): what may have
 * happened already can simply be asked again.
 */
export function repeatable(outcome: Failure): Failure {
  return outcome.class === 'ambiguous' ? { ...outcome, class: 'retryable' } : outcome;
}

export function failure(failureClass: FailureClass, code: string, retryAfterMs: number | null = null): Failure {
  return { ok: false, class: failureClass, code, retryAfterMs };
}

const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/** Seconds or an HTTP date (RFC 9110, 10.2.3), at least 0 and at most 24 h; null where it is neither. */
export function readRetryAfter(value: string | undefined, now: number): number | null {
  const text = value?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) - now : NaN;
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

const TIMEOUTS = new Set([
  'TimeoutError',
  'AbortError',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_ABORTED',
]);

const NOT_CONNECTED: Record<string, string> = {
  ECONNREFUSED: 'connection-refused',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ETIMEDOUT: 'connect-timeout',
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
};

/** undici and Node put it in `code`; an aborted signal's reason is a DOMException with a telling name. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof DOMException) return error.name;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
