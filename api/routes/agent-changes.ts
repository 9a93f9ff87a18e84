/**
 * Agents are added, changed and removed, each in the transaction of the caller, who holds every scope of the roles that are
 * given, changed or taken away. The groups that an agent serves, or has served, hear of it in the same transaction.
 */
import { v7 as uuid } from 'uuid';
import * as store from '../../store/agents.ts';
import { announceGone, lockPresence } from '../../store/availability.ts';
import { existingBots } from '../../store/bots.ts';
import type { Transaction } from '../../store/connection.ts';
import { existingGroups } from '../../store/groups.ts';
import { type Leaving, requireChoice } from '../leaving.ts';
import { type Principal, requireToHold } from '../principal.ts';
import { found } from '../problem.ts';
import { requireKnown } from '../saving.ts';
import { roleScopes } from '../scopes.ts';

interface Serving {
  groupIds: string[];
  botIds: string[];
}

type NewAgent = Omit<store.NewAgent, 'id' | 'at'> & Serving;

export async function addAgent(
  tx: Transaction,
  by: Principal,
  { groupIds, botIds, ...given }: NewAgent,
  at: Date,
): Promise<store.AgentRow> {
  const { accountId } = by;
  requireToHold(by, roleScopes[given.role]);
  const id = uuid();
  await store.insertAgent(tx, accountId, { id, ...given, at });
  await setGroups(tx, accountId, id, groupIds);
  await setBots(tx, accountId, id, botIds);
  return found(await store.findAgent(tx, accountId, id), 'agent');
}

type AgentChange = store.AgentChange & { [list in keyof Serving]?: string[] | undefined };

/** Lists that are given are replaced as a whole. */
export async function changeAgent(
  tx: Transaction,
  by: Principal,
  agentId: string,
  { groupIds, botIds, ...given }: AgentChange,
  at: Date,
): Promise<store.AgentRow> {
  const { accountId } = by;
  const servesOthers = groupIds !== undefined || botIds !== undefined;
  if (given.role !== undefined) requireToHold(by, roleScopes[given.role]);
  if (servesOthers) await lockPresence(tx, accountId);
  const before = await lockAgentBelow(tx, by, agentId);
  await store.updateAgent(tx, accountId, agentId, given);
  if (groupIds !== undefined) await setGroups(tx, accountId, agentId, groupIds);
  if (botIds !== undefined) await setBots(tx, accountId, agentId, botIds);
  if (servesOthers || (given.maxChats ?? 0) > before.maxChats) {
    await store.markGroupsOfAgent(tx, accountId, agentId, at);
  }
  if (servesOthers) await announceGone(tx, accountId, { left: null, groupIds: groupsServed(before), at });
  return found(await store.findAgent(tx, accountId, agentId), 'agent');
}

/** For good. Throws where there are chats in progress and nothing was said of them. */
export async function removeAgent(
  tx: Transaction,
  by: Principal,
  agentId: string,
  leaving: Leaving,
  at: Date,
): Promise<void> {
  const { accountId } = by;
  await lockPresence(tx, accountId);
  const before = await lockAgentBelow(tx, by, agentId);
  const left = await requireChoice(tx, accountId, before, leaving, { mayKeep: false });
  await store.setStatus(tx, accountId, agentId, 'offline');
  await store.insertPresenceChange(tx, accountId, { agentId, status: 'offline', because: 'removed', at });
  await store.deleteAgent(tx, accountId, agentId, at);
  await announceGone(tx, accountId, { left, groupIds: groupsServed(before), at });
}

/** Whoever is above oneself isn't changed from below. */
async function lockAgentBelow(tx: Transaction, by: Principal, agentId: string): Promise<store.AgentRow> {
  const agent = found(await store.lockAgent(tx, by.accountId, agentId), 'agent');
  requireToHold(by, roleScopes[agent.role]);
  return agent;
}

/** Those whose customers could count on the agent: they may be alone once the agent goes. */
export const groupsServed = ({ status, groupIds }: store.AgentRow): string[] => (status === 'online' ? groupIds : []);

async function setGroups(tx: Transaction, accountId: string, agentId: string, groupIds: string[]): Promise<void> {
  requireKnown(['groupIds'], groupIds, await existingGroups(tx, accountId, groupIds));
  await store.setAgentGroups(tx, accountId, agentId, groupIds);
}

async function setBots(tx: Transaction, accountId: string, agentId: string, botIds: string[]): Promise<void> {
  requireKnown(['botIds'], botIds, await existingBots(tx, accountId, botIds));
  await store.setAgentBots(tx, accountId, agentId, botIds);
}
