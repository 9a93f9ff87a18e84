/** What agents are; the table's own check says the same. */
export const agentRoles = ['admin', 'supervisor', 'agent', 'auditor'] as const;
export type AgentRole = (typeof agentRoles)[number];
