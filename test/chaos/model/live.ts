/** A live conversation between two moves: its state, once nothing of it is in motion, and what was recorded since then. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from '../../../store/connection.ts';
import { complete } from '../../../workflows/conversation/complete.ts';
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';
import { initialState } from '../../../workflows/conversation/initial.ts';
import { pending } from '../../../workflows/conversation/pending.ts';
import type { ConversationState } from '../../../workflows/conversation/state.ts';

export interface Live {
  state: ConversationState;
  eventNo: number;
}

interface Row {
  state: { state: unknown } | null;
  eventNo: number;
  isBehind: boolean;
}

const restsWithinMs = 60_000;

/** Throws where it does not come to rest. */
export async function atRest(admin: Pool, conversationId: string): Promise<Live> {
  const until = performance.now() + restsWithinMs;
  for (;;) {
    const { rows } = await admin.query<Row>(
      `SELECT a.state, a.event_no AS "eventNo", a.seq < m.last_seq AS "isBehind"
       FROM actors a JOIN mailboxes m USING (account_id, conversation_id) WHERE conversation_id = $1`,
      [conversationId],
    );
    const [row] = rows;
    const state = row?.state ? complete(row.state.state) : initialState;
    if (row && !row.isBehind && pending(state).length === 0) return { state, eventNo: row.eventNo };
    if (performance.now() > until) throw new Error(`${conversationId} does not come to rest: ${JSON.stringify(row)}`);
    await pause(20);
  }
}

export async function eventsAfter(admin: Pool, conversationId: string, no: number): Promise<ConversationEvent[]> {
  const { rows } = await admin.query<{ event: ConversationEvent }>(
    `SELECT data->'event' AS event FROM domain_events WHERE conversation_id = $1 AND no > $2 ORDER BY no`,
    [conversationId, no],
  );
  return rows.map(({ event }) => event);
}
