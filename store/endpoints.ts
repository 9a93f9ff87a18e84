/** What a call from outside is checked against: the connection as it is now, with its secrets. */
import { callFunction, type Queryable } from './call.ts';
import type { Transaction } from './connection.ts';

export interface Endpoint {
  /** A key of the registry. */
  type: string;
  settings: unknown;
  /** Newest first; two are valid during a rotation. */
  secrets: string[];
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

/** The bot that a conversation's session is with; null: no such conversation, or no bot. */
export async function findBotOf(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<{ id: string; type: string } | null> {
  const { rows } = await tx.query<{ id: string; type: string }>({
    name: 'find-bot-of',
    text: `SELECT b.id, b.type FROM conversations c JOIN bots b ON b.account_id = c.account_id AND b.id = c.bot_id
           WHERE c.account_id = $1 AND c.id = $2`,
    values: [accountId, conversationId],
  });
  return rows[0] ?? null;
}
