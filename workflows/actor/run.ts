/**
 * One run of an actor's workflow: load, take what comes, and end the run where nothing can be lost by it.
 *
 * A run ends in two ways. It *continues as new* past its cap of history events: a whole run is replayed when a worker
 * dies or a signal comes in between, so runs stay short; or where it is told that another build is to go on with it: a
 * run is only ever worked on by the build that began it. And it *completes* when nothing is open: a silent conversation
 * costs Temporal nothing. Neither happens in a task that answered an update (the server would drop the answer when a
 * signal comes in between): one more task passes first.
 */
import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import { drain } from './actor.ts';
import { createAlarm } from './alarm.ts';

export interface Runnable {
  hasWork(): boolean;
  step(): Promise<void>;
  wakeAt(): number | null;
  isQuiet(): boolean;
  isOver(): boolean;
  closeLanes(): void;
}

export interface RunOptions {
  actor: Runnable;
  /** History events after which a run ends at its next idle point. */
  cap: number;
  /** No batch is handed over from here on. A normal activity, so a task of its own. */
  hold(): Promise<void>;
  /** Lets batches through. */
  release(): Promise<void>;
  /** Does nothing. A normal activity as well: the task that passes before a run completes. */
  pass(): Promise<void>;
  continueAsNew(): Promise<never>;
}

/** What update handlers and the run have to know of each other. */
export interface RunState {
  /** History length at the last answer of an update: the run never ends in the task of an answer. */
  lastAnswerAt: number;
  /** The run is about to continue as new: a validator turns its sender away, who finds the next run in a moment. */
  isEnding: boolean;
  /** The run ends at its next idle point, so that another build goes on. Once said, it stays: closed lanes stay closed. */
  isToMove: boolean;
  /** The history of the run before is on its way: coming to its end in the task that ends this one, it would make that fail. */
  isExporting: boolean;
}

export async function runActor(options: RunOptions, run: RunState): Promise<void> {
  const { actor } = options;
  let rung = false;
  const alarm = createAlarm(() => (rung = true));

  const pastCap = (): boolean => workflowInfo().historyLength >= options.cap;
  const mayEnd = (): boolean =>
    actor.isQuiet() && allHandlersFinished() && run.lastAnswerAt < workflowInfo().historyLength;

  const waitFor = async (wanted: () => boolean): Promise<void> => {
    const wakeAt = actor.wakeAt();
    if (wakeAt !== null) alarm.set(wakeAt, Date.now());
    rung = false;
    await condition(() => rung || actor.hasWork() || wanted());
  };

  /**
   * Nothing is out and nothing in hand. From here on no update is taken in and no batch handed over, so the next tasks
   * are quiet ones: the first for what was in hand already, the last for the end.
   */
  const endRun = async (): Promise<void> => {
    run.isEnding = true;
    for (;;) {
      await options.hold();
      await drain(actor);
      if (!actor.isQuiet()) break; // a signalled command waits for an inbox place, which must not be held up
      if (mayEnd()) await options.continueAsNew();
    }
    run.isEnding = false;
    await options.release();
  };

  for (;;) {
    await drain(actor);
    const { isExporting } = run;
    if (!isExporting && (pastCap() || run.isToMove)) {
      actor.closeLanes();
      await waitFor(() => actor.isQuiet());
      if (actor.isQuiet()) await endRun();
    } else if (!isExporting && actor.isOver() && actor.isQuiet()) {
      await options.pass();
      if (!actor.hasWork() && actor.isOver() && mayEnd()) return;
    } else {
      await waitFor(() => !run.isExporting && (isExporting || run.isToMove));
    }
  }
}
