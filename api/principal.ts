/** Who asks: an API key or an agent, always of one account. */
import type { ChangedBy } from '../store/contacts.ts';
import type { By } from '../workflows/conversation/inputs.ts';
import { Problem } from './problem.ts';
import type { Role, Scope } from './scopes.ts';

export interface Principal {
  accountId: string;
  kind: 'key' | 'agent';
  /** Of the key, or of the agent. */
  id: string;
  role: Role;
  scopes: readonly Scope[];
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (!principal.scopes.includes(scope)) {
    throw new Problem('missing-scope', { scope, detail: `This needs the scope ${scope}.` });
  }
}

/** Without it, the answer is the same but for the settings in it (S1-13: they are the administrator's). */
export const readsSettings = ({ scopes }: Principal): boolean => scopes.includes('settings:read');

/** Nobody gives away what they don't have: keys, roles and tokens that one makes have at most one's own scopes. */
export function requireToHold(principal: Principal, given: readonly Scope[]): void {
  for (const scope of given) {
    requireScope(principal, scope);
  }
}

/** How the conversation's actor and the audit trail name the principal. */
export function askedBy({ kind, id, role }: Principal): By {
  if (kind === 'key') {
    return { kind: 'api', keyId: id };
  }
  return role === 'admin' || role === 'supervisor'
    ? { kind: 'supervisor', agentId: id }
    : { kind: 'agent', agentId: id };
}

/** How a change of a contact names the principal. */
export const changedBy = ({ kind, id }: Principal, at: Date): ChangedBy => ({ kind, id, at });
