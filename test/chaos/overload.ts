/** Customers who write whether they are answered or not: so many a second, and who is turned away doesn't come again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosAccount } from './account.ts';
import type { Ledger } from './ledger.ts';
import type { Thread } from './load.ts';
import { offer } from './webhook.ts';

export interface Overload {
  threads: Thread[];
  ledger: Ledger;
}

export interface Offering {
  perSecond: number;
  seconds: number;
}

/** Resolves when each is answered; says how many there were. A customer's next message waits for the answer to the last. */
export async function offerWithoutMercy(
  account: ChaosAccount,
  { threads, ledger }: Overload,
  { perSecond, seconds }: Offering,
): Promise<number> {
  const free = [...threads];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let offered = 0;
  for (let due = 0; due < perSecond * seconds; due += 1) {
    const waitMs = startedAt + (due * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await pause(waitMs);
    const thread = free.shift();
    if (thread === undefined) continue; // all of them wait for an answer
    offered += 1;
    const sent: Promise<void> = writeNext(account, ledger, thread).then(() => {
      free.push(thread);
      underWay.delete(sent);
    });
    underWay.add(sent);
  }
  await Promise.all(underWay);
  return offered;
}

export async function writeNext(
  account: ChaosAccount,
  ledger: Ledger,
  { name, channel, texts }: Thread,
): Promise<void> {
  const text = `message ${texts.length + 1}`;
  texts.push(text);
  await offer(account, ledger, { channel, thread: name, text, id: `${name}/${text}` });
}
