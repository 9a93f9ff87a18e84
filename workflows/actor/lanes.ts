/**
 * Runs what is pending, the head of each lane at a time; a slow or dead destination holds up its own lane and never a
 * decision. What is pending stands in the state, so a lane needs no memory: after a restart the same work runs again
 * under the same id.
 */
import type { Work } from './decider.ts';

export interface Lanes<W extends Work> {
  /** Starts what may start now. */
  sync(pending: W[], now: number): void;
  /** When the nearest head that waits may start, epoch ms; null: none waits. */
  readonly wakeAt: number | null;
  /**
   * The outcome has been taken: its lane is free. Until then the same work, still pending, must not start again; nor after
   * it, where it is pending still: done again at once, it would be done for ever.
   */
  taken(work: W, pending: W[]): void;
  /** Past the cap of a run nothing more is started. */
  close(): void;
  readonly isIdle: boolean;
}

export interface LanesOptions<W extends Work> {
  /** One attempt; never rejects. */
  perform(work: W): Promise<unknown>;
  onDone(work: W, outcome: unknown): void;
  /** May a lane go on while work of it that is no longer pending is still out? Not where order is the promise. */
  mayLeaveBehind(lane: string): boolean;
}

export function createLanes<W extends Work>({ perform, onDone, mayLeaveBehind }: LanesOptions<W>): Lanes<W> {
  const inLane = new Map<string, string>();
  const stuck = new Set<string>();
  let wakeAt: number | null = null;
  let out = 0;
  let closed = false;

  const launch = (work: W): void => {
    inLane.set(work.lane, work.id);
    out += 1;
    void perform(work).then((outcome) => {
      out -= 1;
      // What was left behind is told too: words of a superseded turn must be seen to be discarded.
      onDone(work, outcome);
    });
  };

  const leaveBehind = (pending: W[]): void => {
    const ids = new Set(pending.map((work) => work.id));
    for (const [lane, id] of inLane) {
      if (!ids.has(id) && mayLeaveBehind(lane)) inLane.delete(lane);
    }
  };

  return {
    sync(all, now) {
      const pending = all.filter(({ id }) => !stuck.has(id));
      leaveBehind(pending);
      const seen = new Set<string>();
      wakeAt = null;
      for (const work of pending) {
        if (seen.has(work.lane)) continue;
        seen.add(work.lane);
        if (closed || inLane.has(work.lane)) continue;
        if (work.notBeforeAt <= now) launch(work);
        else wakeAt = Math.min(wakeAt ?? work.notBeforeAt, work.notBeforeAt);
      }
    },
    get wakeAt() {
      return wakeAt;
    },
    taken(work, pending) {
      if (inLane.get(work.lane) === work.id) inLane.delete(work.lane);
      if (pending.some(({ id }) => id === work.id)) stuck.add(work.id);
    },
    close() {
      closed = true;
    },
    get isIdle() {
      return out === 0;
    },
  };
}
