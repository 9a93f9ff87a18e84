import { describe, expect, test } from 'vitest';
import { failureOfError, failureOfStatus, readRetryAfter, repeatable } from '../../adapters/outcomes.ts';
import { now } from './raw-request.ts';

test.each([
  ['0', 0],
  ['7', 7000],
  [' 120 ', 120_000],
  ['Sun, 22 Nov 2026 10:01:00 GMT', 60_000],
  ['Sunday, 22-Nov-26 10:01:00 GMT', 60_000],
  ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
  ['999999999', 24 * 3_600_000],
  ['Sun, 22 Nov 2099 10:00:00 GMT', 24 * 3_600_000],
  ['', null],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['2026-11-22', null],
  [undefined, null],
])('R8: Retry-After %o', (header, ms) => {
  expect(readRetryAfter(header, now)).toBe(ms);
});

describe('a status has one class', () => {
  test.each([
    [301, 'permanent', 'http-301'],
    [304, 'permanent', 'http-304'],
    [400, 'permanent', 'http-400'],
    [402, 'permanent', 'http-402'],
    [407, 'auth', 'http-407'],
    [408, 'retryable', 'http-408'],
    [409, 'retryable', 'http-409'],
    [410, 'permanent', 'gone'],
    [415, 'content-rejected', 'http-415'],
    [425, 'retryable', 'http-425'],
    [429, 'throttled', 'http-429'],
    [500, 'retryable', 'http-500'],
    [502, 'ambiguous', 'http-502'],
    [503, 'retryable', 'http-503'],
    [504, 'ambiguous', 'http-504'],
    [507, 'retryable', 'http-507'],
  ])('%i: %s', (status, failureClass, code) => {
    expect(failureOfStatus(status, undefined, now)).toEqual({
      ok: false,
      class: failureClass,
      code,
      retryAfterMs: null,
    });
  });
});

describe('R8: an error has the class of what may have happened', () => {
  const coded = (code: string) => Object.assign(new Error('at secret.example'), { code });
  test.each([
    [coded('ECONNREFUSED'), false, 'retryable', 'connection-refused'],
    [coded('UND_ERR_CONNECT_TIMEOUT'), false, 'retryable', 'connect-timeout'],
    [coded('EAI_AGAIN'), false, 'retryable', 'name-not-found'],
    [coded('CERT_HAS_EXPIRED'), false, 'retryable', 'not-connected'],
    [new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), false, 'retryable', 'connection-refused'],
    [new DOMException('x', 'TimeoutError'), false, 'retryable', 'not-sent-in-time'],
    [coded('UND_ERR_INVALID_ARG'), false, 'permanent', 'request-unusable'],
    [coded('ECONNRESET'), true, 'ambiguous', 'connection-lost'],
    [coded('UND_ERR_SOCKET'), true, 'ambiguous', 'connection-lost'],
    [coded('UND_ERR_HEADERS_TIMEOUT'), true, 'ambiguous', 'no-answer'],
    [new DOMException('x', 'TimeoutError'), true, 'ambiguous', 'no-answer'],
    ['not even an error', true, 'ambiguous', 'connection-lost'],
  ])('%o, written: %s', (error, written, failureClass, code) => {
    expect(failureOfError(error, written)).toEqual({ ok: false, class: failureClass, code, retryAfterMs: null });
  });
});

test('where a repeat has one effect, what is unclear is simply repeated', () => {
  expect(repeatable(failureOfStatus(504, undefined, now))).toMatchObject({ class: 'retryable', code: 'http-504' });
  expect(repeatable(failureOfStatus(429, '5', now))).toMatchObject({ class: 'throttled', retryAfterMs: 5000 });
});
