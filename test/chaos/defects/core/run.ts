import { runActor as runAsReleased, type RunOptions, type RunState } from '../../../../workflows/actor/run.ts';

/** A shell that never ends a run, however long its history grows. */
export function runActor(options: RunOptions, run: RunState): Promise<void> {
  return runAsReleased({ ...options, cap: Infinity }, run);
}
