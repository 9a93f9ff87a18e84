/** Whether times are true, whatever the clocks of the processes say that stored them. Pure. */
import type { Timed } from './deadlines.ts';

/** By the true clock, epoch ms. */
export interface Saying {
  thread: string;
  /** When it was sent first. */
  from: number;
  /** When it was acknowledged. */
  until: number;
}

/** How wrong a clock may be that is taken for right, and then what time it takes to ask a busy database. */
const toleratedMs = 3_000;

/** `sayings`: in order, within each thread. */
export function wrongClocks(all: Timed[], sayings: Saying[]): string[] {
  return all.flatMap(({ thread, wrote }) => {
    const said = sayings.filter((one) => one.thread === thread);
    return wrote.flatMap((at, no) => {
      const { from, until } = said[no] ?? { from: -Infinity, until: Infinity };
      const offMs = at < from ? at - from : Math.max(0, at - until);
      return Math.abs(offMs) <= toleratedMs
        ? []
        : [`${thread}: message ${no + 1} was stored with a time that is ${offMs} ms off`];
    });
  });
}
