/** Actors whose time has come, for the courier's sweep: a live one ignores it, one that was terminated starts again. */
import type { Pool } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export interface DueActor extends ActorId {
  /** epoch ms */
  wakeAt: number;
}

/** A page of those with `after` < wake_at ≤ `until`, the most overdue first; pages go on after the last one of a page. */
export async function dueActors(
  pool: Pool,
  { after, until, most }: { after: DueActor | null; until: number; most: number },
): Promise<DueActor[]> {
  const { rows } = await pool.query<{ accountId: string; conversationId: string; wakeAt: Date }>({
    name: 'due-actors',
    text: `SELECT account_id AS "accountId", conversation_id AS "conversationId", wake_at AS "wakeAt" FROM actors
           WHERE wake_at <= $1 AND ($2::timestamptz IS NULL OR (wake_at, account_id, conversation_id) > ($2, $3, $4))
           ORDER BY wake_at, account_id, conversation_id LIMIT $5`,
    values: [new Date(until), after && new Date(after.wakeAt), after?.accountId, after?.conversationId, most],
  });
  return rows.map((row) => ({ ...row, wakeAt: row.wakeAt.getTime() }));
}
