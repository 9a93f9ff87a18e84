/** An agent on the wire: as one is given, and as the API shows one. */
import { z } from 'zod';
import type { AgentRow } from '../../store/agents.ts';
import { agentRoles } from '../../store/roles.ts';
import { type Principal, readsSettings } from '../principal.ts';
import { email, id, iso, isoOrNull, name, time } from '../fields.ts';

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

const values = {
  name: name.describe('Customers may see it.'),
  email: email.nullable().describe('Once per account.'),
  role: agentRole,
  maxChats: z.number().int().min(0).max(1_000).describe('Lowering it below the chats in progress only stops new ones.'),
  groupIds: z.array(id).max(200).describe('The groups whose queue the agent serves.'),
  botIds: z.array(id).max(200).describe('Only chats of these bots; empty: of all.'),
};

export const newAgent = z
  .strictObject({
    name: values.name,
    email: values.email.default(null),
    role: values.role.default('agent'),
    maxChats: values.maxChats.default(5),
    groupIds: values.groupIds.default([]),
    botIds: values.botIds.default([]),
  })
  .meta({ examples: [{ name: 'Ada', email: 'ada@example.com', maxChats: 4, groupIds: [] }] });

export const agentChange = z.strictObject({
  name: values.name.optional(),
  email: values.email.optional(),
  role: values.role.optional(),
  maxChats: values.maxChats.optional(),
  groupIds: values.groupIds.optional(),
  botIds: values.botIds.optional(),
});

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
