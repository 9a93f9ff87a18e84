/**
 * What an activity of ours throws, without a word: errors of Postgres quote values, and Temporal keeps them for years.
 * Temporal repeats it, except where Postgres refuses the very values: then it would refuse them for ever.
 */
import { ApplicationFailure } from '@temporalio/common';

export function withoutWords<A extends unknown[], R>(activity: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      throw wordless(error);
    }
  };
}

function wordless(error: unknown): Error {
  const code = codeOf(error);
  return ApplicationFailure.create({ type: code, message: code, nonRetryable: /^2[23]...$/.test(code) });
}

/** Codes come from fixed lists (SQLSTATE, errno); a name of an error class is one too. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' && /^\w{1,40}$/.test(error.code) ? error.code : error.name;
}
