/**
 * One lazy timer for the nearest of all deadlines. A deadline that moves away costs no history event until the old timer
 * fires; only one that comes nearer replaces it.
 */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

export interface Alarm {
  /** Makes sure that the run wakes at `at` (epoch ms) or before. */
  set(at: number, now: number): void;
}

export function createAlarm(onRing: () => void): Alarm {
  let armedAt: number | null = null;
  let scope: CancellationScope | null = null;

  const arm = (at: number, now: number): void => {
    armedAt = at;
    const own = new CancellationScope();
    scope = own;
    void own
      .run(() => sleep(Math.max(1, at - now)))
      .then(() => {
        if (scope !== own) return;
        armedAt = null;
        scope = null;
        onRing();
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
  };

  return {
    set(at, now) {
      if (armedAt !== null && armedAt <= at) return;
      scope?.cancel();
      arm(at, now);
    },
  };
}
