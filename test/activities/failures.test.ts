import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { wordless } from '../../activities/failures.ts';

const withCode = (code: unknown) => Object.assign(new Error('Ada Canary, 49 30 1234'), { code });

test.each([
  ['values that Postgres can’t read', withCode('22P02'), '22P02', true],
  ['a reference to what isn’t there', withCode('23503'), '23503', true],
  ['a unique key that somebody else took a moment ago', withCode('23505'), '23505', false],
  ['a deadlock', withCode('40P01'), '40P01', false],
  ['Postgres that is away', withCode('ECONNREFUSED'), 'ECONNREFUSED', false],
  ['a bug', new TypeError('Ada Canary is not a function'), 'TypeError', false],
  ['a code with words in it', withCode('Ada Canary'), 'Error', false],
  [
    'a failure that says itself that repeating is no help',
    ApplicationFailure.nonRetryable('Ada', 'gone'),
    'gone',
    true,
  ],
  ['no error at all', 'Ada Canary', 'unknown', false],
])('%s is thrown by its code alone, and repeated where that may help', (_, error, code, nonRetryable) => {
  const failure = wordless(error);
  expect(failure).toMatchObject({ message: code, type: code, nonRetryable, cause: undefined, details: undefined });
  expect(`${failure.stack} ${JSON.stringify(failure)}`).not.toContain('Ada');
});

test('one that says when to come again is repeated then', () => {
  const failure = wordless(ApplicationFailure.create({ type: 'later', message: 'Ada', nextRetryDelay: 700 }));
  expect(failure).toMatchObject({ type: 'later', message: 'later', nonRetryable: false, nextRetryDelay: 700 });
});
