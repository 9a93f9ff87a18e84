import pg from 'pg';
import { expect, test } from 'vitest';
import { postgresIsAway } from '../../store/failures.ts';

const withCode = (code: string): Error => Object.assign(new pg.DatabaseError('whatever', 0, 'error'), { code });

test.each([
  ['25006', 'read-only'],
  ['53100', 'no room on its disk'],
  ['53200', 'no memory'],
  ['53300', 'no connection free'],
  ['58030', 'its disk fails'],
  ['08006', 'the connection broke'],
  ['57P03', 'it is starting up'],
])('R26: %s (%s) passes: callers are told to come again', (code) => {
  expect(postgresIsAway(withCode(code))).toBe(true);
});

test.each(['23505', '22P02', '42P01', '42501', '53'])('%s is an answer, and no outage', (code) => {
  expect(postgresIsAway(withCode(code))).toBe(false);
});
