/** Actors that ought to have done something by now, for the courier's sweep. A live one ignores being started. */
import { callFunction } from './call.ts';
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

export interface Behind {
  /** Mailboxes looked at; as many as asked for: there may be more. */
  looked: number;
  /** Actors that were handed something which is not recorded. */
  behind: ActorId[];
}

/** Looks at what was handed over before `before`; at those that are behind again at `again`. Times in epoch ms. */
export function unrecordedMail(
  pool: Pool,
  { before, again, most }: { before: number; again: number; most: number },
): Promise<Behind> {
  const statement = { name: 'unrecorded-mail', text: 'SELECT unrecorded_mail($1, $2, $3) AS answer' };
  return callFunction(pool, statement, [new Date(before), new Date(again), most]);
}
