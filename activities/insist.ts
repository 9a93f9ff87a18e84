/**
 * What an attempt knows must not be lost because Postgres is away for a moment: forgotten, a message that surely arrived
 * would be ambiguous for ever. So an attempt says it again until it is heard, or its time is up.
 */
import { setTimeout as pause } from 'node:timers/promises';

const firstPauseMs = 25;
const longestPauseMs = 1_000;

/** `untilMs`: by `performance.now()`. Throws the last failure. */
export async function insist<T>(untilMs: number, write: () => Promise<T>, pauseMs = firstPauseMs): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (performance.now() + pauseMs >= untilMs) throw error;
  }
  await pause(pauseMs);
  return insist(untilMs, write, Math.min(pauseMs * 2, longestPauseMs));
}
