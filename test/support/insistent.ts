import { setTimeout as pause } from 'node:timers/promises';

/** What every client of ours does while something is away: the same again, until it is answered. */
export async function insistent<T>(attempt: () => Promise<T>, isAnswer: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await attempt().catch(() => undefined);
    if (answer !== undefined && isAnswer(answer)) return answer;
    await pause(100);
  }
}
