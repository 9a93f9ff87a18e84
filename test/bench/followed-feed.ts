/** The feed as an agent's client follows it: when each customer's message was there to be seen, and whether in order. */
import { setTimeout as pause } from 'node:timers/promises';
import { serverEvents } from '../../dev/walkthrough/server-events.ts';
import { within } from './load.ts';
import { patienceMs } from './measure.ts';
import { numberIn } from './writer.ts';

export interface FollowedFeed {
  /** `performance.now()` of when a message was first seen, by the number in its text. */
  readonly seen: ReadonlyMap<number, number>;
  /** Customers' messages that did not come right behind the one before them in their conversation: late, twice, or after a gap. */
  readonly outOfOrder: number;
  /** Resolves when this message is seen; rejects past the limit. */
  shown(number: number): Promise<void>;
  /** Resolves when so many have been seen, or past the limit. */
  reach(count: number, limitMs: number): Promise<void>;
  close(): void;
}

interface Item {
  conversationId: string;
  type: string;
  event: { place: number };
  message: { content: { text: string } };
}

export async function followFeed(url: string, token: string): Promise<FollowedFeed> {
  const connection = new AbortController();
  const response = await fetch(`${url}/v1/feed`, {
    headers: { authorization: `Bearer ${token}` },
    signal: connection.signal,
  });
  if (!response.ok) throw new Error(`no feed: ${response.status}`);
  const seen = new Map<number, number>();
  const places = new Map<string, number>();
  const awaited = new Map<number, () => void>();
  let outOfOrder = 0;

  const take = ({ conversationId, type, event, message }: Item): void => {
    if (type !== 'CustomerMessageAccepted') return;
    const before = places.get(conversationId);
    if (before !== undefined && event.place !== before + 1) outOfOrder += 1;
    places.set(conversationId, event.place);
    const number = numberIn(message.content.text);
    if (!seen.has(number)) seen.set(number, performance.now());
    awaited.get(number)?.();
    awaited.delete(number);
  };
  const events = serverEvents(response);
  await events.next(); // `ready`: what happens from here on is shown
  const following = (async () => {
    for await (const { data } of events) take(JSON.parse(data) as Item);
  })();
  // It ends when it is closed; if it breaks, what is not seen any more is counted as such.
  following.catch(() => undefined);

  return {
    seen,
    get outOfOrder() {
      return outOfOrder;
    },
    shown: (number) =>
      within(patienceMs, `message ${number} is not on the feed`, (resolve) => {
        if (seen.has(number)) resolve();
        else awaited.set(number, resolve);
      }),
    async reach(count, limitMs) {
      const until = performance.now() + limitMs;
      while (seen.size < count && performance.now() < until) await pause(5);
    },
    close: () => connection.abort(),
  };
}
