/** Conversations in `assigned`, as most of a desk's traffic is; and whether anything still waits for them. */
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import type { Arena } from './arena.ts';

/** Threads of that many conversations, each with the agent. */
export async function assignedConversations(arena: Arena, count: number): Promise<string[]> {
  const threads = Array.from({ length: count }, (_, n) => `${n}-${uuid()}`);
  const abreast = 16;
  for (let index = 0; index < count; index += abreast) {
    await Promise.all(threads.slice(index, index + abreast).map((thread) => assign(arena, thread)));
  }
  await drained(arena, 60_000);
  // Autovacuum does it within a minute. Until then plans are those of the empty database in which they were made, and read
  // all of an account's conversations where they want one.
  await arena.admin.query('ANALYZE');
  return threads;
}

async function assign({ write, admin, account }: Arena, thread: string): Promise<void> {
  await write(thread, 0);
  const { rows } = await admin.query<{ id: string }>(
    'SELECT id FROM conversations WHERE account_id = $1 AND external_thread = $2',
    [account.accountId, thread],
  );
  // A command is decided after what was said before it.
  await account.agent.post(`/v1/conversations/${rows[0]?.id}/actions/join`, {});
}

/** Resolves with the ms it took until every stored row was recorded; throws past the limit. */
export async function drained({ admin, account }: Arena, limitMs: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const { rows } = await admin.query<{ waiting: number }>(
      `SELECT coalesce(sum(m.last_seq - a.seq), 0)::int AS waiting FROM mailboxes m
       JOIN actors a USING (account_id, conversation_id) WHERE m.account_id = $1`,
      [account.accountId],
    );
    const ms = performance.now() - startedAt;
    if (rows[0]?.waiting === 0) return ms;
    if (ms > limitMs) throw new Error(`${rows[0]?.waiting} rows are not recorded after ${Math.round(ms)} ms`);
    await pause(20);
  }
}
