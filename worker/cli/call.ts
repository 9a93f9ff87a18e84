import type { Io } from './io.ts';

/** What a command of `baton` works with. */
export interface Call {
  io: Io;
  /** What it answers: whether what it looked at is as it should be. */
  done(good: boolean): void;
}
