/** What an agent wants (the status) and whether they are there (the lease), in the transaction of the caller. */
import * as store from '../../store/agents.ts';
import { announceGone, lockPresence } from '../../store/availability.ts';
import type { Transaction } from '../../store/connection.ts';
import { groupsServed } from './agent-changes.ts';
import { type Leaving, requireChoice } from '../leaving.ts';
import type { Principal } from '../principal.ts';
import { found } from '../problem.ts';

interface Wanted extends Leaving {
  status: store.AgentStatus;
}

/** Throws where an agent goes offline with chats in progress and nothing was said of them. */
export async function changeStatus(
  tx: Transaction,
  by: Principal,
  agentId: string,
  { status, ...leaving }: Wanted,
  at: Date,
): Promise<store.AgentRow> {
  const { accountId } = by;
  const goes = status !== 'online';
  if (goes) await lockPresence(tx, accountId);
  const before = found(await store.lockAgent(tx, accountId, agentId), 'agent');
  const left = status === 'offline' ? await requireChoice(tx, accountId, before, leaving, { mayKeep: true }) : null;
  if (status !== before.status) {
    await store.setStatus(tx, accountId, agentId, status);
    const because = becauseOf(by, agentId);
    await store.insertPresenceChange(tx, accountId, { agentId, status, because, at });
    if (!goes) await store.markGroupsOfAgent(tx, accountId, agentId, at);
  }
  if (goes) await announceGone(tx, accountId, { left, groupIds: groupsServed(before), at });
  return found(await store.findAgent(tx, accountId, agentId), 'agent');
}

/** Until then their client is there; `at` or before: it is gone. */
export async function holdLease(
  tx: Transaction,
  accountId: string,
  agentId: string,
  { until, at }: { until: Date; at: Date },
): Promise<void> {
  const before = found(await store.lockAgent(tx, accountId, agentId), 'agent');
  const wasConnected = before.leaseUntil !== null && before.leaseUntil > at;
  const connected = until > at;
  await store.setLease(tx, accountId, agentId, until);
  if (wasConnected === connected) return;
  const because = connected ? 'connected' : 'disconnected';
  await store.insertPresenceChange(tx, accountId, { agentId, status: before.status, because, at });
  if (connected && before.status === 'online') await store.markGroupsOfAgent(tx, accountId, agentId, at);
}

function becauseOf({ kind, id }: Principal, agentId: string): string {
  if (kind === 'key') return 'api';
  return id === agentId ? 'agent' : 'supervisor';
}
