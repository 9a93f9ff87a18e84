/** Agents who go, and the conversations that have to hear of it: those that were theirs, and those that wait for nobody now. */
import { insertPresenceChange } from './agents.ts';
import type { Pool, Transaction } from './connection.ts';

/** Whoever goes takes it before any other lock of the transaction but the policy's; held until that ends. */
export async function lockPresence(tx: Transaction, accountId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(presence_lock($1))', [accountId]);
}

/** What becomes of the agent's chats. */
export interface AgentLeft {
  agentId: string;
  choice: 'requeue' | 'forward' | 'close';
  /** Of `forward`. */
  groupId: string | null;
}

/**
 * Tells, in their inboxes, every conversation that is the agent's or was just given to them (`left`; null: they stay), and
 * announces to those that wait in one of these groups, where nobody is there for them any more. After the change that it
 * tells of; each in one statement, so that rows are locked in one order.
 */
export async function announceGone(
  tx: Transaction,
  accountId: string,
  { left, groupIds, at }: { left: AgentLeft | null; groupIds: string[]; at: Date },
): Promise<void> {
  if (groupIds.length > 0) await announceAlone(tx, accountId, groupIds, at);
  if (left !== null) await tellTheirs(tx, accountId, left, at);
}

async function announceAlone(tx: Transaction, accountId: string, groupIds: string[], at: Date): Promise<void> {
  await tx.query(
    `WITH waiting AS (SELECT DISTINCT group_id, bot_id FROM queue_entries WHERE account_id = $1 AND group_id = ANY ($2::uuid[])),
     alone AS (
       SELECT DISTINCT group_id FROM waiting WHERE NOT somebody_is_there($1, group_id, bot_id, $3) ORDER BY group_id)
     SELECT announce($1, 'AvailabilityChanged', group_id, $3) FROM alone`,
    [accountId, groupIds, at],
  );
}

async function tellTheirs(tx: Transaction, accountId: string, left: AgentLeft, at: Date): Promise<void> {
  await tx.query(
    `SELECT put_in_inbox($1, conversation_id, 'AgentLeft',
       jsonb_build_object('agentId', $2::uuid, 'then', $3::text, 'groupId', $4::uuid), $5, NULL, NULL)
     FROM (SELECT conversation_id FROM assignments WHERE account_id = $1 AND agent_id = $2
           UNION SELECT conversation_id FROM claims WHERE account_id = $1 AND agent_id = $2 AND status = 'open'
           ORDER BY conversation_id) AS theirs`,
    [accountId, left.agentId, left.choice, left.groupId, at],
  );
}

/** Agents whose client has been away for longer than the grace, and of whom that is not noted yet; by account. */
export async function lostLeases(
  pool: Pool,
  at: Date,
  most: number,
): Promise<{ accountId: string; agentIds: string[] }[]> {
  const { rows } = await pool.query<{ accountId: string; agentIds: string[] }>({
    name: 'lost-leases',
    text: `SELECT account_id AS "accountId", array_agg(agent_id ORDER BY agent_id) AS "agentIds"
           FROM lost_leases($1, $2) GROUP BY account_id`,
    values: [at, most],
  });
  return rows;
}

/** Notes it, and tells who waits, once; not of those whose client is back, or whom somebody else was faster with. */
export async function noteLostLeases(tx: Transaction, accountId: string, agentIds: string[], at: Date): Promise<void> {
  await lockPresence(tx, accountId);
  const { rows } = await tx.query<{ id: string; status: string; groupIds: string[] }>(
    `WITH lost AS (
       SELECT id FROM agents
       WHERE account_id = $1 AND id = ANY ($2) AND NOT lease_noted AND lease_is_lost(lease_until, $3)
       ORDER BY id FOR NO KEY UPDATE)
     UPDATE agents a SET lease_noted = true FROM lost WHERE a.account_id = $1 AND a.id = lost.id
     RETURNING a.id, a.status, ARRAY(SELECT group_id FROM agent_groups m
                                     WHERE m.account_id = $1 AND m.agent_id = a.id) AS "groupIds"`,
    [accountId, agentIds, at],
  );
  const online = rows.filter(({ status }) => status === 'online');
  for (const { id, status } of online) {
    await insertPresenceChange(tx, accountId, { agentId: id, status, because: 'lease-lost', at });
  }
  if (online.length === 0) return;
  await announceGone(tx, accountId, { left: null, groupIds: online.flatMap(({ groupIds }) => groupIds), at });
}
