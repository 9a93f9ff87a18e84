/** What a call from outside is checked against: the connection as it is now, with its secrets. */
import type { Transaction } from './connection.ts';

export interface Endpoint {
  /** A key of the registry. */
  type: string;
  settings: unknown;
  /** Newest first; two are valid during a rotation. */
  secrets: string[];
}

const tables = { channel: 'channels', desk: 'desks', bot: 'bots' } as const;

/** null: unknown, or switched off. */
export async function findEndpoint(
  tx: Transaction,
  kind: keyof typeof tables,
  accountId: string,
  id: string,
): Promise<Endpoint | null> {
  const { rows } = await tx.query<Endpoint>({
    name: `find-endpoint-${kind}`,
    text: `SELECT type, settings, secrets FROM ${tables[kind]} WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL`,
    values: [accountId, id],
  });
  return rows[0] ?? null;
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
