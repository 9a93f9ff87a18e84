import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 25;

/** Polls until `condition` holds (true) or `withinMs` have passed (false). */
export async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await wait(POLL_MS);
  }
  return true;
}
