/**
 * What an activity threw, as Temporal keeps it for years: a code from a fixed list, and whether repeating helps. No text
 * of a database or a provider (they quote values) is left in it. Operators and the canary test rely on it.
 */
import { ApplicationFailure } from '@temporalio/common';

export function wordless(error: unknown): ApplicationFailure {
  const code = codeOf(error);
  const nonRetryable = refusesValues(error) || (error instanceof ApplicationFailure && error.nonRetryable === true);
  const failure = ApplicationFailure.create({ type: code, message: code, nonRetryable });
  failure.stack = '';
  return failure;
}

/**
 * Postgres refuses the very values (malformed, or against a constraint), and would refuse them for ever. A unique key is
 * no such case: two that came at once both try again, and one finds the other's row.
 */
export function refusesValues(error: unknown): boolean {
  return /^(22...|23502|23503|23514)$/.test(codeOf(error));
}

/** SQLSTATE, system code, type of a failure or name of a class: short, and free of what the error was about. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, type, name } = error as { code?: unknown; type?: unknown; name?: unknown };
  for (const candidate of [code, type, name]) {
    if (typeof candidate === 'string' && /^[\w.-]{1,64}$/.test(candidate)) return candidate;
  }
  return 'unknown';
}
