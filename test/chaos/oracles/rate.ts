/** Whether a connection's rate was kept to, as who is at its other end sees it. Pure. */
import type { Rate } from '../../../store/rates.ts';

/** Who comes at the time that it was given may be late by a second, and then be on the way for another one. */
const lateS = 2;

/** `times`: of what came, in order; ms. One finding: of the stretch of time in which most were too many. */
export function overRate(times: number[], { perSecond, burst }: Rate): string[] {
  let worst = { over: 0, says: '' };
  for (const [first, from] of times.entries()) {
    for (const [further, until] of times.slice(first).entries()) {
      const seconds = (until - from) / 1_000;
      const over = further + 1 - (burst + perSecond * (seconds + lateS));
      if (over > worst.over)
        worst = { over, says: `${further + 1} came in ${seconds.toFixed(1)} s; at most ${perSecond} a second may` };
    }
  }
  return worst.over > 0 ? [worst.says] : [];
}
