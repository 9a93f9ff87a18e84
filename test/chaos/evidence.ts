/** All that the oracles look at, gathered once everything is at rest: what was said and acknowledged, heard, and stored. */
import type { Delivery } from '../support/fake-channel.ts';
import type { ChaosAccount } from './account.ts';
import type { Arena } from './arena.ts';
import type { Drained } from './drain.ts';
import type { Ledger } from './ledger.ts';
import type { Thread } from './load.ts';
import type { OracleName } from './oracles/names.ts';
import { readThreads, type StoredThread } from './stored.ts';

export interface Evidence {
  threads: Thread[];
  agents: { id: string; maxChats: number }[];
  ledger: Ledger;
  /** By thread: what its customer heard, in order. The engine's own notices are left out. */
  heard: Map<string, Delivery[]>;
  stored: Map<string, StoredThread>;
  drained: Drained;
}

/** Something that must not be. */
export interface Finding {
  oracle: OracleName;
  says: string;
}

export async function gather(
  { admin }: Arena,
  account: ChaosAccount,
  seen: { threads: Thread[]; ledger: Ledger; drained: Drained },
): Promise<Evidence> {
  const stored = await readThreads(admin, account);
  return {
    ...seen,
    agents: account.agents,
    heard: new Map(seen.threads.map(({ name, channel }) => [name, heardIn(account, channel, name)])),
    stored: new Map(stored.map((one) => [one.thread, one])),
  };
}

function heardIn({ channels }: ChaosAccount, channel: Thread['channel'], thread: string): Delivery[] {
  return channels[channel].backend.books.byThread(thread).filter(({ author }) => author.kind !== 'engine');
}

/** What this thread's customer is due for what was acknowledged, in order. */
export function dueIn({ name, servedBy, texts }: Thread, { acknowledged, replies }: Ledger): string[] {
  if (servedBy !== null) return replies.filter(({ thread }) => thread === name).map(({ text }) => text);
  const said = new Set(acknowledged.filter(({ thread }) => thread === name).map(({ text }) => text));
  return texts.filter((text) => said.has(text)).map((text) => `echo: ${text}`);
}
