/**
 * Customers and agents, each as clients do that are not answered: the same again, under the same id, until they are. A
 * thread's messages come one after the other; some threads ask for a person, and an agent answers every message there.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ApiProblem } from '../../dev/api-client.ts';
import type { ChannelName, ChaosAccount } from './account.ts';
import { followThreads } from './followed-threads.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { write } from './webhook.ts';

export interface Thread {
  name: string;
  channel: ChannelName;
  /** No of the agent who answers, once a person was asked for. */
  servedBy: number | null;
  /** What its customer writes, in order. */
  texts: string[];
}

export interface Load {
  readonly threads: Thread[];
  readonly ledger: Ledger;
  /** How many messages customers write. */
  readonly messages: number;
  /** When everybody has written and answered all. */
  readonly over: Promise<void>;
}

export interface LoadOptions {
  messages: number;
  threads: number;
  /** Of all customers together; absent: as fast as they are answered. */
  perSecond?: number;
  /** How often each webhook is sent at once; absent: once. */
  copies?: number;
  /** How many messages of a thread that it serves an agent answers; absent: all. */
  replies?: number;
}

const asking = 'a person, please';

/** One in ten is served by an agent, one in five writes in a channel that takes repeats for new. */
function threadsOf({ messages, threads }: LoadOptions, agents: number): Thread[] {
  const each = Math.ceil(messages / threads);
  return Array.from({ length: threads }, (_, no) => {
    const servedBy = no % 10 === 0 ? (no / 10) % agents : null;
    const texts = Array.from({ length: each }, (__, index) => `message ${index + 1}`);
    return {
      name: `thread-${no}`,
      channel: no % 5 === 1 ? 'forgetful' : 'knowing',
      servedBy,
      texts: servedBy === null ? texts : [asking, ...texts],
    };
  });
}

export function startLoad(account: ChaosAccount, options: LoadOptions): Load {
  const threads = threadsOf(options, account.agents.length);
  const ledger = createLedger();
  const pace = createPace(options.perSecond);
  const ids = followThreads(account.api);
  const customers = threads.map((thread) => customer(account, ledger, thread, pace, options.copies));
  const agents = threads.map((thread) => agent(account, ledger, thread, ids.idOf, options.replies));
  return {
    threads,
    ledger,
    messages: threads.reduce((sum, { texts }) => sum + texts.length, 0),
    over: Promise.all([...customers, ...agents]).then(() => undefined),
  };
}

async function customer(
  account: ChaosAccount,
  ledger: Ledger,
  { name, channel, texts }: Thread,
  pace: () => Promise<void>,
  copies = 1,
): Promise<void> {
  for (const text of texts) {
    if (ledger.isAbandoned) return;
    await pace();
    await write(account, ledger, { channel, thread: name, text, id: `${name}/${text}` }, copies);
  }
}

/** Joins once there is somebody who waits, and says as many things as the customer does, or `replies`. */
async function agent(
  account: ChaosAccount,
  ledger: Ledger,
  { name, servedBy, texts }: Thread,
  idOf: (thread: string) => Promise<string>,
  replies = texts.length,
): Promise<void> {
  const client = servedBy === null ? undefined : account.agents[servedBy]?.client;
  if (client === undefined) return;
  const path = `/v1/conversations/${await idOf(name)}/actions`;
  const act = (action: string, body: object, key: string): Promise<number | 'broken'> =>
    client.post(`${path}/${action}`, body, { 'idempotency-key': key }).then(
      () => 200,
      (error: unknown) => (error instanceof ApiProblem ? error.status : 'broken'),
    );
  let tries = 0;
  // Refused while nobody waits: a refusal is an outcome, and is kept under its key.
  await until(ledger, () => act('join', {}, `join-${name}-${(tries += 1)}`));
  for (const text of texts.slice(1, 1 + replies)) {
    const words = `re: ${text}`;
    const isSaid = await until(ledger, () => act('reply', { text: words }, `${name}-${text.replaceAll(' ', '-')}`));
    if (isSaid) ledger.replied({ thread: name, text: words });
  }
}

async function until(ledger: Ledger, attempt: () => Promise<number | 'broken'>): Promise<boolean> {
  while (!ledger.isAbandoned) {
    const status = await attempt();
    ledger.answered({ call: 'action', status, retryAfter: null });
    if (status === 200) return true;
    await pause(200);
  }
  return false;
}

function createPace(perSecond: number | undefined): () => Promise<void> {
  if (perSecond === undefined) return () => Promise.resolve();
  const startedAt = performance.now();
  let count = 0;
  return async () => {
    const due = startedAt + (count * 1_000) / perSecond;
    count += 1;
    const waitMs = due - performance.now();
    if (waitMs > 0) await pause(waitMs);
  };
}
