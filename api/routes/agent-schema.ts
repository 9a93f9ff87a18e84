/** An agent as the API shows one. */
import { z } from 'zod';
import type { AgentRow } from '../../store/agents.ts';
import { agentRoles } from '../../store/roles.ts';
import { type Principal, readsSettings } from '../principal.ts';
import { id, iso, isoOrNull, time } from '../fields.ts';

export const agentRole = z.enum(agentRoles);
export const agentStatus = z.enum(['online', 'away', 'offline']);

export const agent = z
  .object({
    id,
    name: z.string(),
    email: z.string().nullable().optional().describe('Of oneself; of others only with the scope `settings:read`.'),
    role: agentRole.describe('Which scopes the agent’s tokens have.'),
    status: agentStatus.describe('What the agent wants. New chats come only to those who are online.'),
    connected: z.boolean().describe('A client holds a presence lease.'),
    leaseUntil: time.nullable().describe('When the lease ends if nobody renews it; null: no client ever took one.'),
    maxChats: z.number().int().describe('Chats in progress at most; 0: none.'),
    activeChats: z.number().int().describe('Chats in progress now.'),
    groupIds: z.array(id),
    botIds: z.array(id).describe('Whose chats the agent sees and takes; empty: of all bots.'),
    createdAt: time,
  })
  .meta({ id: 'Agent' });

/** The row as this caller sees it. `now`: epoch ms */
export function showAgent(principal: Principal, row: AgentRow, now: number): z.output<typeof agent> {
  return {
    id: row.id,
    name: row.name,
    ...((row.id === principal.id || readsSettings(principal)) && { email: row.email }),
    role: row.role,
    status: row.status,
    connected: row.leaseUntil !== null && row.leaseUntil.getTime() > now,
    leaseUntil: isoOrNull(row.leaseUntil),
    maxChats: row.maxChats,
    activeChats: row.active,
    groupIds: row.groupIds,
    botIds: row.botIds,
    createdAt: iso(row.createdAt),
  };
}
