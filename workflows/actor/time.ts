/** Time as the actor goes by it: it does not run backwards, and nobody's clock is far ahead of ours. */
export interface ActorTime {
  now(): number;
  /** A time from beyond would fire every deadline up to it, and let none after it be true. */
  sane(at: number): number;
  /** Of an input that came with this time, or with none: not before the last that was recorded. */
  of(at?: number): number;
}

/** How far the clock of whoever stores or asks may be ahead of ours. */
const clockSkewMs = 5 * 60_000;

/** `now`: epoch ms; in a workflow, the time of the task. */
export function createTime(now: () => number, lastRecordedAt: () => number): ActorTime {
  const sane = (at: number): number => Math.min(at, now() + clockSkewMs);
  return { now, sane, of: (at = now()) => Math.max(sane(at), lastRecordedAt()) };
}
