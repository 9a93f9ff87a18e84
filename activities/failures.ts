/**
 * What an activity threw, as Temporal keeps it for years: a code from a fixed list, and whether repeating helps. No text
 * of a database or a provider (they quote values) is left in it. Operators and the canary test rely on it.
 */
import { ApplicationFailure } from '@temporalio/common';
import { codeOf } from '../process/failures.ts';

export function wordless(error: unknown): ApplicationFailure {
  const code = codeOf(error);
  const nonRetryable = refusesValues(error) || (error instanceof ApplicationFailure && error.nonRetryable === true);
  const failure = ApplicationFailure.create({ type: code, message: code, nonRetryable, ...comesAgain(error) });
  failure.stack = '';
  return failure;
}

/** When it said itself that it is to be repeated. */
function comesAgain(error: unknown): { nextRetryDelay?: number } {
  const delay: unknown = error instanceof ApplicationFailure ? error.nextRetryDelay : undefined;
  return typeof delay === 'number' ? { nextRetryDelay: delay } : {};
}

/**
 * Postgres refuses the very values (malformed, or against a constraint), and would refuse them for ever. A unique key is
 * no such case: two that came at once both try again, and one finds the other's row.
 */
export function refusesValues(error: unknown): boolean {
  return /^(22...|23502|23503|23514)$/.test(codeOf(error));
}
