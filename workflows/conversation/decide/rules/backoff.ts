import type { FailureClass, WorkFailure } from '../../inputs.ts';

/** How long to wait between two attempts, in ms. A `retryAfterMs` that the other side named always binds. */

const SECOND = 1_000;

/** Worth another attempt: the other side may do better next time. The other classes fail the same way again. */
export function mayRetry(failure: FailureClass): boolean {
  return failure === 'retryable' || failure === 'throttled' || failure === 'ambiguous';
}

/** Between two tries of a bot's turn: a customer is looking at the screen. */
export function turnWait(attempt: number, failure: WorkFailure): number {
  return Math.max(failure.retryAfterMs ?? 0, 250 * 2 ** (attempt - 1));
}

/** Between two attempts of anything else. */
export function sendWait(attempt: number, failure: WorkFailure): number {
  return Math.max(failure.retryAfterMs ?? 0, doubling(attempt));
}

/** From one second up to a minute. */
export function doubling(attempt: number): number {
  return Math.min(60 * SECOND, SECOND * 2 ** (attempt - 1));
}
