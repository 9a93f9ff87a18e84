/** Agents: people who take chats, with their status, presence lease, limit, groups and bots. */
import type { Transaction } from './connection.ts';

export type AgentRole = 'admin' | 'supervisor' | 'agent' | 'auditor';

/** What a token is checked against, at every request. */
export async function findSigningAgent(
  tx: Transaction,
  accountId: string,
  id: string,
): Promise<{ role: AgentRole; tokenEpoch: number } | null> {
  const { rows } = await tx.query<{ role: AgentRole; tokenEpoch: number }>({
    name: 'find-signing-agent',
    text: `SELECT role, token_epoch AS "tokenEpoch" FROM agents
           WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL`,
    values: [accountId, id],
  });
  return rows[0] ?? null;
}
