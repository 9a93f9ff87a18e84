/** What a call from outside is checked against: the connection as it is now, with its secrets. */
import { callFunction, type Queryable } from './call.ts';
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export interface Endpoint {
  /** A key of the registry. */
  type: string;
  settings: unknown;
  /** Newest first; two are valid during a rotation. */
  secrets: string[];
  /** Any change gives it another one: what was stored under this one was verified against what stands now. */
  version: string;
}

/** null: unknown, or switched off. On a pool it binds itself to the account; within a transaction it must be the same. */
export function findEndpoint(
  db: Queryable,
  kind: 'channel' | 'desk',
  accountId: string,
  id: string,
): Promise<Endpoint | null> {
  const statement = { name: 'webhook-endpoint', text: 'SELECT webhook_endpoint($1, $2, $3) AS answer' };
  return callFunction(db, statement, [accountId, kind, id]);
}

/** The bot that a turn was for, also when its session is over; null: there was no such turn. */
export async function findBotOfTurn(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  turn: number,
): Promise<{ id: string; type: string } | null> {
  const { rows } = await tx.query<{ id: string; type: string }>({
    name: 'find-bot-of-turn',
    text: `SELECT b.id, b.type
           FROM domain_events e JOIN bots b ON b.account_id = e.account_id AND b.id = (e.data #>> '{event,botId}')::uuid
           WHERE e.account_id = $1 AND e.conversation_id = $2 AND e.type = 'BotTurnOpened'
             AND (e.data #>> '{event,no}')::integer = $3`,
    values: [accountId, conversationId, turn],
  });
  return rows[0] ?? null;
}
