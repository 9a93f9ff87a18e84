/** Agents: people who take chats, with their status, presence lease, limit, groups and bots. */
import { sql } from 'kysely';
import { callFunction, type Queryable } from './call.ts';
import type { Transaction } from './connection.ts';
import { containing, db, type Page, run } from './queries.ts';
import type { AgentRole } from './roles.ts';

export type AgentStatus = 'online' | 'away' | 'offline';

export interface AgentRow {
  id: string;
  name: string;
  email: string | null;
  role: AgentRole;
  status: AgentStatus;
  /** Until when the client's lease lasts; null: no client ever connected. */
  leaseUntil: Date | null;
  maxChats: number;
  /** Chats in progress, with those that were just given and are not confirmed. */
  active: number;
  groupIds: string[];
  /** Empty: all bots. */
  botIds: string[];
  createdAt: Date;
}

/** What a token is checked against, at every request: one round trip. */
export function findSigningAgent(
  db: Queryable,
  accountId: string,
  id: string,
): Promise<{ role: AgentRole; tokenEpoch: number } | null> {
  const statement = { name: 'find-signing-agent', text: 'SELECT find_signing_agent($1, $2) AS answer' };
  return callFunction(db, statement, [accountId, id]);
}

export interface NewAgent {
  id: string;
  name: string;
  email: string | null;
  role: AgentRole;
  maxChats: number;
  at: Date;
}

/** Throws 23505 if another agent has the address. */
export async function insertAgent(tx: Transaction, accountId: string, agent: NewAgent): Promise<void> {
  await tx.query(
    'INSERT INTO agents (account_id, id, name, email, role, max_chats, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    [accountId, agent.id, agent.name, agent.email, agent.role, agent.maxChats, agent.at],
  );
}

const groupIds = sql<string[]>`ARRAY(SELECT g.group_id FROM agent_groups g
  WHERE g.account_id = agents.account_id AND g.agent_id = agents.id ORDER BY g.group_id)`;
const botIds = sql<string[]>`ARRAY(SELECT b.bot_id FROM agent_bots b
  WHERE b.account_id = agents.account_id AND b.agent_id = agents.id ORDER BY b.bot_id)`;

function select(accountId: string) {
  return db
    .selectFrom('agents')
    .select(['id', 'name', 'email', 'role', 'status', 'active', 'lease_until as leaseUntil'])
    .select(['max_chats as maxChats', 'created_at as createdAt'])
    .select([groupIds.as('groupIds'), botIds.as('botIds')])
    .where('account_id', '=', accountId)
    .where('deleted_at', 'is', null);
}

export interface AgentFilter {
  q: string | undefined;
  /** `q` may also be part of the address. */
  byEmail: boolean;
  groupId: string | undefined;
  status: AgentStatus | undefined;
  role: AgentRole | undefined;
}

export function listAgents(
  tx: Transaction,
  accountId: string,
  { q, byEmail, groupId, status, role }: AgentFilter,
  { limit, after }: Page,
): Promise<AgentRow[]> {
  let query = select(accountId);
  if (q !== undefined) {
    const text = containing(q);
    query = query.where((where) =>
      where.or([where('name', 'ilike', text), ...(byEmail ? [where('email', 'ilike', text)] : [])]),
    );
  }
  if (groupId !== undefined) {
    query = query.where('id', 'in', ({ selectFrom }) =>
      selectFrom('agent_groups').select('agent_id').where('account_id', '=', accountId).where('group_id', '=', groupId),
    );
  }
  if (status !== undefined) {
    query = query.where('status', '=', status);
  }
  if (role !== undefined) {
    query = query.where('role', '=', role);
  }
  if (after !== null) {
    query = query.where('id', '>', after);
  }
  return run(tx, query.orderBy('id').limit(limit + 1));
}

export async function findAgent(tx: Transaction, accountId: string, id: string): Promise<AgentRow | null> {
  return (await run(tx, select(accountId).where('id', '=', id)))[0] ?? null;
}

/** The row as it is, held until the transaction ends: nothing is assigned to the agent meanwhile. */
export async function lockAgent(tx: Transaction, accountId: string, id: string): Promise<AgentRow | null> {
  return (await run(tx, select(accountId).where('id', '=', id).forNoKeyUpdate()))[0] ?? null;
}

export interface AgentChange {
  name?: string | undefined;
  email?: string | null | undefined;
  role?: AgentRole | undefined;
  maxChats?: number | undefined;
}

/** Throws 23505 if another agent has the address. */
export async function updateAgent(tx: Transaction, accountId: string, id: string, change: AgentChange): Promise<void> {
  const { name, email, role, maxChats } = change;
  const query = db
    .updateTable('agents')
    .set({
      account_id: accountId,
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(role === undefined ? {} : { role }),
      ...(maxChats === undefined ? {} : { max_chats: maxChats }),
    })
    .where('account_id', '=', accountId)
    .where('id', '=', id);
  await run(tx, query);
}

/** Gone for people and for routing; what the agent did still names the row. The address is free again. */
export async function deleteAgent(tx: Transaction, accountId: string, id: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE agents SET deleted_at = $3, email = NULL, lease_until = NULL, token_epoch = token_epoch + 1
     WHERE account_id = $1 AND id = $2`,
    [accountId, id, at],
  );
}

/** Every token that the agent has is void from this commit on. */
export async function revokeTokens(tx: Transaction, accountId: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE agents SET token_epoch = token_epoch + 1 WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL',
    [accountId, id],
  );
  return rowCount === 1;
}

export async function setAgentGroups(
  tx: Transaction,
  accountId: string,
  agentId: string,
  groupIds: readonly string[],
): Promise<void> {
  await tx.query('DELETE FROM agent_groups WHERE account_id = $1 AND agent_id = $2', [accountId, agentId]);
  await tx.query(
    'INSERT INTO agent_groups (account_id, agent_id, group_id) SELECT DISTINCT $1::uuid, $2::uuid, unnest($3::uuid[])',
    [accountId, agentId, groupIds],
  );
}

export async function setAgentBots(
  tx: Transaction,
  accountId: string,
  agentId: string,
  botIds: readonly string[],
): Promise<void> {
  await tx.query('DELETE FROM agent_bots WHERE account_id = $1 AND agent_id = $2', [accountId, agentId]);
  await tx.query(
    'INSERT INTO agent_bots (account_id, agent_id, bot_id) SELECT DISTINCT $1::uuid, $2::uuid, unnest($3::uuid[])',
    [accountId, agentId, botIds],
  );
}

export async function setStatus(tx: Transaction, accountId: string, id: string, status: AgentStatus): Promise<void> {
  await tx.query('UPDATE agents SET status = $3 WHERE account_id = $1 AND id = $2', [accountId, id, status]);
}

export async function setLease(tx: Transaction, accountId: string, id: string, until: Date): Promise<void> {
  await tx.query('UPDATE agents SET lease_until = $3, lease_noted = false WHERE account_id = $1 AND id = $2', [
    accountId,
    id,
    until,
  ]);
}

/** Append-only: who was available when, and by whose doing. */
export async function insertPresenceChange(
  tx: Transaction,
  accountId: string,
  change: { agentId: string; status: string; because: string; at: Date },
): Promise<void> {
  await tx.query(
    'INSERT INTO presence_changes (account_id, agent_id, at, status, because) VALUES ($1, $2, $3, $4, $5)',
    [accountId, change.agentId, change.at, change.status, change.because],
  );
}

/** Whoever matches chats with agents has something to do in each of the agent's groups. */
export async function markGroupsOfAgent(tx: Transaction, accountId: string, agentId: string, at: Date): Promise<void> {
  await tx.query('SELECT mark_groups_of($1, $2, $3)', [accountId, agentId, at]);
}
