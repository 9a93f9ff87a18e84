/** Conversations as measures need them, and whether anything still waits for them. */
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { workflowId } from '../../workflows/conversation/messages.ts';
import type { BenchAccount } from './account.ts';
import type { Arena } from './arena.ts';
import { patienceMs } from './measure.ts';

export interface Chat {
  thread: string;
  conversationId: string;
  workflowId: string;
}

const abreast = 16;

/** New ones in each of which a customer has written message 0, recorded. */
export async function startConversations(arena: Arena, account: BenchAccount, count: number): Promise<Chat[]> {
  const threads = Array.from({ length: count }, (_, n) => `${n}-${uuid()}`);
  await eachOf(threads, (thread) => account.write(thread, 0));
  await drained(arena, account, patienceMs);
  // Autovacuum does it within a minute. Until then plans are those of the empty database in which they were made, and read
  // all of an account's conversations where they want one.
  await arena.admin.query('ANALYZE');
  const { rows } = await arena.admin.query<{ id: string; thread: string }>(
    'SELECT id, external_thread AS thread FROM conversations WHERE account_id = $1 AND external_thread = ANY ($2)',
    [account.accountId, threads],
  );
  const ids = new Map(rows.map(({ id, thread }) => [thread, id]));
  return threads.map((thread) => {
    const conversationId = ids.get(thread) ?? '';
    return { thread, conversationId, workflowId: workflowId({ accountId: account.accountId, conversationId }) };
  });
}

/** The same in `assigned`, as most of a desk's traffic is. */
export async function assignedConversations(arena: Arena, account: BenchAccount, count: number): Promise<Chat[]> {
  const chats = await startConversations(arena, account, count);
  await eachOf(chats, async ({ conversationId }) => {
    await account.agent.post(`/v1/conversations/${conversationId}/actions/join`, {});
  });
  return chats;
}

/** Some at once. */
export async function eachOf<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const workThrough = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: abreast }, workThrough));
}

/** Resolves with the ms it took until every stored row was recorded; throws where nothing moves for so long. */
export function drained(arena: Arena, account: BenchAccount, limitMs: number): Promise<number> {
  const waiting = `SELECT coalesce(sum(m.last_seq - coalesce(a.seq, 0)), 0)::int AS waiting FROM mailboxes m
                   LEFT JOIN actors a USING (account_id, conversation_id) WHERE m.account_id = $1`;
  return noneLeft(arena, account, waiting, limitMs);
}

/** Resolves when every stored row is handed over, whether there is a worker to take it or not; throws where nothing moves for so long. */
export function handedOver(arena: Arena, account: BenchAccount, limitMs: number): Promise<number> {
  const waiting = 'SELECT count(*)::int AS waiting FROM mailboxes WHERE account_id = $1 AND waiting_at IS NOT NULL';
  return noneLeft(arena, account, waiting, limitMs);
}

/** `limitMs`: how long none may become fewer; a thousand at once take their time. */
async function noneLeft(
  { admin }: Arena,
  { accountId }: BenchAccount,
  query: string,
  limitMs: number,
): Promise<number> {
  const startedAt = performance.now();
  let fewest = { count: Infinity, since: startedAt };
  for (;;) {
    const { rows } = await admin.query<{ waiting: number }>(query, [accountId]);
    const count = rows[0]?.waiting ?? NaN;
    const now = performance.now();
    if (count === 0) return now - startedAt;
    if (count < fewest.count) fewest = { count, since: now };
    if (now - fewest.since > limitMs) throw new Error(`${count} still wait, for ${Math.round(limitMs)} ms none fewer`);
    await pause(10);
  }
}
