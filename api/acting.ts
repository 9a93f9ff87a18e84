/** For whom somebody acts: an agent as themselves, an API key for an agent whom it names. */
import { invalid } from './errors.ts';
import { id } from './fields.ts';
import type { Principal } from './principal.ts';
import { Problem } from './problem.ts';

export const actingAgent = id.optional().describe('With an API key: the agent for whom. An agent acts as themselves.');

export function actingAs(principal: Principal, named: string | undefined): string {
  if (principal.kind === 'key') {
    if (named !== undefined) return named;
    throw invalid('body', [{ path: ['agentId'], message: 'An API key says for which agent it acts.' }]);
  }
  if (named === undefined || named === principal.id) return principal.id;
  throw new Problem('forbidden', { detail: 'An agent acts as themselves. To give a chat to somebody else: assign.' });
}

export function requireSupervisor({ role }: Principal): void {
  if (role !== 'supervisor' && role !== 'admin') {
    throw new Problem('forbidden', { detail: 'Only a supervisor grants a chat above the limit.' });
  }
}
