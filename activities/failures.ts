/**
 * What an activity threw, as Temporal keeps it for years: a code from a fixed list, and whether repeating helps. No text
 * of a database or a provider (they quote values) is left in it. Operators and the canary test rely on it.
 */
import { ApplicationFailure } from '@temporalio/common';
import { codeOf } from '../process/failures.ts';
import { refusesValues } from '../store/failures.ts';

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
