/** Agents' places in use, which are what their chats and open claims add up to. */
import type { Transaction } from './connection.ts';

interface Capacity {
  agentId: string;
  active: number;
  /** Chats that the agent has, and open claims. */
  counted: number;
}

const counted = `
  SELECT g.id AS "agentId", g.active,
    (SELECT count(*) FROM assignments a WHERE a.account_id = $1 AND a.agent_id = g.id)
    + (SELECT count(*) FROM claims k WHERE k.account_id = $1 AND k.agent_id = g.id AND k.status = 'open') AS counted
  FROM agents g WHERE g.account_id = $1`;

export async function readWrongCapacity(tx: Transaction, accountId: string): Promise<Capacity[]> {
  const { rows } = await tx.query<Capacity>(
    `SELECT * FROM (${counted}) AS g WHERE active <> counted ORDER BY "agentId"`,
    [accountId],
  );
  return rows;
}

/** Counted anew under the agent's row, which whoever changes what is counted holds. */
export async function writeCapacity(tx: Transaction, accountId: string, agentId: string): Promise<void> {
  await tx.query('SELECT 1 FROM agents WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE', [accountId, agentId]);
  await tx.query(
    `UPDATE agents SET active = g.counted::integer FROM (${counted}) AS g
     WHERE agents.account_id = $1 AND agents.id = $2 AND g."agentId" = agents.id`,
    [accountId, agentId],
  );
}
