/** What must hold of one conversation whatever happened to it, read from Postgres alone. */
import { expect } from 'vitest';
import { link } from '../../store/chain.ts';
import type { Pool, Transaction } from '../../store/connection.ts';
import { conversationDecider } from '../../workflows/conversation/decider.ts';
import type { ConversationEvent } from '../../workflows/conversation/events.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { projectConversation } from '../../workflows/conversation/project.ts';
import type { ConversationState } from '../../workflows/conversation/state.ts';
import { required } from './required.ts';

interface EventRow {
  no: number;
  data: string;
  digest: string | null;
  link: string;
}

interface ActorRow {
  seq: number;
  event_no: number;
  head: string;
  state: { state: ConversationState } | null;
  wake_at: Date | null;
  last_seq: number;
  phase: string;
  epoch: number;
}

export async function expectInvariants(
  pool: Pool,
  { accountId, conversationId }: ActorId,
): Promise<ConversationEvent[]> {
  return inSnapshot(pool, accountId, async (tx) => {
    const values = [accountId, conversationId];
    const actor = required((await tx.query<ActorRow>(actorQuery, values)).rows[0]);
    const rows = (await tx.query<EventRow>(eventsQuery, values)).rows;
    const events = rows.map((row) => (JSON.parse(row.data) as { event: ConversationEvent }).event);
    const state = actor.state?.state ?? conversationDecider.initial;

    // What Postgres says happened is what the state is folded from.
    expect(events.reduce(conversationDecider.evolve, conversationDecider.initial)).toEqual(state);
    expect(chainOf(rows)).toBe(actor.head);
    expect(rows.map((row) => row.no)).toEqual(rows.map((_, index) => index + 1));
    expect(actor.event_no).toBe(rows.length);
    const { phase, epoch } = projectConversation(state);
    expect({ phase: actor.phase, epoch: actor.epoch }).toEqual({ phase, epoch });

    await expectCapacity(tx, accountId);
    const entries = (
      await tx.query('SELECT 1 FROM queue_entries WHERE account_id = $1 AND conversation_id = $2', values)
    ).rows;
    expect(entries).toHaveLength(state.phase.name === 'queued' ? 1 : 0);
    if (['prechat', 'queued', 'assigned'].includes(state.phase.name)) expect(actor.wake_at).not.toBeNull();
    return events;
  });
}

/** One view of all tables, whatever an actor records meanwhile. */
async function inSnapshot<T>(pool: Pool, accountId: string, read: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query("SELECT set_config('baton.account', $1, true)", [accountId]);
    return await read(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

/** Every customer message that has its place was accepted once, in the order of the places. */
export function expectInOrder(events: ConversationEvent[], written: number): void {
  const places = events.flatMap((event) => (event.type === 'CustomerMessageAccepted' ? [event.place] : []));
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  expect(places).toHaveLength(written);
}

async function expectCapacity(tx: Transaction, accountId: string): Promise<void> {
  const { rows } = await tx.query<{ active: number; owned: number; max_chats: number; overrides: number }>(
    `SELECT a.active, a.max_chats, count(s.*)::int AS owned, count(*) FILTER (WHERE s.override)::int AS overrides
     FROM agents a LEFT JOIN assignments s ON s.account_id = a.account_id AND s.agent_id = a.id
     WHERE a.account_id = $1 GROUP BY a.id, a.active, a.max_chats`,
    [accountId],
  );
  for (const { active, owned, max_chats, overrides } of rows) {
    expect(active).toBe(owned);
    expect(owned).toBeLessThanOrEqual(max_chats + overrides);
  }
}

function chainOf(rows: EventRow[]): string {
  return rows.reduce((previous, row) => {
    expect(link(previous, row.data, row.digest)).toBe(row.link);
    return row.link;
  }, '');
}

const actorQuery = `SELECT a.seq, a.event_no, a.head, a.state, a.wake_at, m.last_seq, c.phase, c.epoch
  FROM actors a JOIN mailboxes m USING (account_id, conversation_id)
  JOIN conversations c ON c.account_id = a.account_id AND c.id = a.conversation_id
  WHERE a.account_id = $1 AND a.conversation_id = $2`;

const eventsQuery = `SELECT no, data::text AS data, digest, link FROM domain_events
  WHERE account_id = $1 AND conversation_id = $2 ORDER BY no`;
