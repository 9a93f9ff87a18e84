/** What can go wrong when something is saved, told apart from what can go wrong with us. */
import { hasState, uniqueViolation } from '../store/failures.ts';
import { Problem } from './problem.ts';

/** A unique key's "no" becomes a 409 that says what is taken. */
export async function orTaken<T>(work: Promise<T>, detail: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasState(error, uniqueViolation)) {
      throw new Problem('conflict', { detail });
    }
    throw error;
  }
}

/** Every id must be among those found; each that is not is an issue at its place. */
export function requireKnown(path: (string | number)[], wanted: readonly string[], known: readonly string[]): void {
  const missing = wanted.flatMap((id, index) => (known.includes(id) ? [] : [index]));
  if (missing.length > 0) {
    throw new Problem('unknown-reference', {
      issues: missing.map((index) => ({ path: ['body', ...path, index], message: 'There is none with this id.' })),
    });
  }
}
