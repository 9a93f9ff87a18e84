/**
 * Webhooks of one channel that come while others of it are being stored wait, and are then stored together: when more
 * arrives, the transactions grow and not their number (as with the courier's batches). One that meets nobody is stored at
 * once, alone. Each is still stored whole or not at all, and answered after that; in a batch they keep the order in which
 * they came.
 */
import { postgresIsAway } from '../store/failures.ts';
import type { Inbound } from '../store/inbound.ts';

/** See `acceptInboundIf`. */
export type StoreIf = (inbound: Inbound, version: string) => Promise<boolean>;

/** Transactions of one channel at once; more would make smaller ones. */
const lanes = 2;
/** Items of a batch, unless a single webhook has more: a transaction of some 10 ms. */
const mostItems = 100;

interface Waiting {
  inbound: Inbound;
  settle(stored: Promise<boolean>): void;
}

interface Line {
  busy: number;
  waiting: Waiting[];
}

export function gatherWebhooks(store: StoreIf): StoreIf {
  const lines = new Map<string, Line>();

  const serve = async (key: string, line: Line, version: string): Promise<void> => {
    line.busy += 1;
    while (line.waiting.length > 0) await storeTogether(store, takeBatch(line.waiting), version);
    line.busy -= 1;
    if (line.busy === 0) lines.delete(key);
  };

  return (inbound, version) => {
    const key = `${inbound.accountId}/${inbound.sourceId}/${version}`;
    const line = lines.get(key) ?? { busy: 0, waiting: [] };
    lines.set(key, line);
    const stored = new Promise<boolean>((settle) => line.waiting.push({ inbound, settle }));
    if (line.busy < lanes) void serve(key, line, version);
    return stored;
  };
}

/** At least one; they are taken off the line. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  let [count, items] = [0, 0];
  for (const { inbound } of waiting) {
    items += inbound.items.length;
    if (count > 0 && items > mostItems) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** Never rejects: what becomes of a webhook is told to whoever brought it. */
async function storeTogether(store: StoreIf, batch: Waiting[], version: string): Promise<void> {
  const stored = store(merged(batch), version);
  const failure = await stored.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (failure === null || batch.length === 1 || postgresIsAway(failure.error)) {
    for (const { settle } of batch) settle(stored);
    return;
  }
  // Nothing is stored, and one of them may be the reason: the others must not suffer for it.
  for (const one of batch) await storeTogether(store, [one], version);
}

function merged(batch: Waiting[]): Inbound {
  const [first, ...others] = batch.map(({ inbound }) => inbound);
  if (first === undefined) throw new Error('no webhook to store');
  if (others.length === 0) return first;
  const all = [first, ...others];
  return { ...first, at: Math.max(...all.map(({ at }) => at)), items: all.flatMap(({ items }) => items) };
}
