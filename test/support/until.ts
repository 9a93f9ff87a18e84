import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a condition, not for a time; the limit only ends a test that would hang. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('The condition was not met in time');
    await pause(20);
  }
}
