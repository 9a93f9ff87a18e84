/** Conversations in `assigned`, as most of a desk's traffic is; and what became of the messages that they got. */
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import type { Arena } from './arena.ts';

/** Threads of that many conversations, each with an agent. */
export async function assignedConversations(arena: Arena, count: number): Promise<string[]> {
  const [agentId = ''] = arena.account.agentIds;
  const threads = Array.from({ length: count }, (_, n) => `${n}-${uuid()}`);
  const abreast = 16;
  for (let index = 0; index < count; index += abreast) {
    await Promise.all(threads.slice(index, index + abreast).map((thread) => assign(arena, thread, agentId)));
  }
  await drained(arena, 60_000);
  return threads;
}

async function assign(arena: Arena, thread: string, agentId: string): Promise<void> {
  const { accountId } = arena.account;
  await arena.write(thread);
  const { rows } = await arena.admin.query<{ id: string }>(
    'SELECT id FROM conversations WHERE account_id = $1 AND external_thread = $2',
    [accountId, thread],
  );
  const outcome = await arena.commands.execute({ accountId, conversationId: rows[0]?.id ?? '' }, 'Join', {
    agentId,
    by: { kind: 'agent', agentId },
    key: uuid(),
    at: Date.now(),
    after: 1,
  });
  if (!outcome.ok) throw new Error(`not assigned: ${outcome.rejection.code}`);
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

export interface Recorded {
  /** ms from stored to recorded, per customer's message since then. */
  latencies: number[];
  /** Messages whose place in the transcript is not the order in which they came. */
  outOfOrder: number;
}

export async function recordedSince({ admin, account }: Arena, since: number): Promise<Recorded> {
  const { rows } = await admin.query<{ ms: number }>(
    `SELECT (extract(epoch FROM e.recorded_at - i.at) * 1000)::float8 AS ms
     FROM domain_events e JOIN messages w ON w.account_id = e.account_id AND w.id = e.message_id
       JOIN inbox i ON i.account_id = w.account_id AND i.conversation_id = w.conversation_id AND i.seq = w.inbox_seq
     WHERE e.account_id = $1 AND e.type = 'CustomerMessageAccepted' AND i.at >= $2`,
    [account.accountId, new Date(since)],
  );
  const order = await admin.query<{ wrong: number }>(
    `SELECT count(*)::int AS wrong FROM (
       SELECT position < lag(position) OVER (PARTITION BY conversation_id ORDER BY inbox_seq) AS wrong
       FROM messages WHERE account_id = $1 AND inbox_seq IS NOT NULL) AS places WHERE wrong`,
    [account.accountId],
  );
  return { latencies: rows.map(({ ms }) => ms), outOfOrder: order.rows[0]?.wrong ?? NaN };
}
