/**
 * The processes behind the front, as a load balancer knows them: each is asked again and again whether it is ready. Requests
 * go in turn to those that are; where none says so, to all, since an answer of theirs tells more than none.
 */
import { setTimeout as pause } from 'node:timers/promises';

export interface Targets {
  /** In which order to try them for the next request. */
  inTurn(): string[];
  stop(): Promise<void>;
}

const everyMs = 200;
const answerWithinMs = 2_000;

export function watchTargets(urls: string[]): Targets {
  const ready = new Set(urls);
  const stopping = new AbortController();
  let turn = 0;
  const watch = async (url: string): Promise<void> => {
    while (!stopping.signal.aborted) {
      if (await isReady(url)) ready.add(url);
      else ready.delete(url);
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const watches = urls.map(watch);
  return {
    inTurn() {
      const among = ready.size > 0 ? urls.filter((url) => ready.has(url)) : urls;
      turn += 1;
      return among.map((_, at) => among[(turn + at) % among.length] ?? '');
    },
    async stop() {
      stopping.abort();
      await Promise.all(watches);
    },
  };
}

export async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(answerWithinMs) });
    await response.text();
    return response.status === 200;
  } catch {
    return false;
  }
}
