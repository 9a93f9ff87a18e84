/**
 * What a key or an agent may do. Every route declares one of these scopes (or says why it needs none); API keys carry
 * their scopes, agents get those of their role from the one table below.
 */
import { type AgentRole, agentRoles } from '../store/roles.ts';

export const scopes = [
  'account:read',
  /** What channels, bots and desks are configured with, their URLs for one, and colleagues' addresses. */
  'settings:read',
  'api-keys:read',
  'api-keys:write',
  'channels:read',
  'channels:write',
  'bots:read',
  'bots:write',
  'desks:read',
  'desks:write',
  'groups:read',
  'groups:write',
  'agents:read',
  'agents:write',
  /** One's own status and presence; those of others need `agents:presence`. */
  'presence:write',
  'agents:presence',
  'contacts:read',
  'contacts:write',
  /** For good: name, addresses, words. */
  'contacts:erase',
  'tags:read',
  'tags:write',
  'policy:read',
  'policy:write',
  'conversations:read',
  /** Take, answer, forward, resolve; comments and tags. */
  'conversations:write',
  /** For others: assign, take away, override a limit. */
  'conversations:supervise',
  /** Block and unblock contacts. */
  'conversations:block',
  'feed:read',
  'dead-letters:read',
  'dead-letters:write',
  'audit:read',
] as const;
export type Scope = (typeof scopes)[number];

/** `integration` is the role of API keys; each has the scopes that it was made with. */
export const roles = [...agentRoles, 'integration'] as const;
export type Role = (typeof roles)[number];

const reading: readonly Scope[] = scopes.filter(
  (scope) => scope.endsWith(':read') && !['api-keys:read', 'audit:read', 'settings:read'].includes(scope),
);

const agent: readonly Scope[] = [
  'account:read',
  'channels:read',
  'bots:read',
  'desks:read',
  'groups:read',
  'agents:read',
  'presence:write',
  'contacts:read',
  'contacts:write',
  'tags:read',
  'conversations:read',
  'conversations:write',
  'conversations:block',
  'feed:read',
];

export const roleScopes: Record<AgentRole, readonly Scope[]> = {
  admin: scopes,
  supervisor: [
    ...reading,
    'presence:write',
    'agents:presence',
    'contacts:write',
    'tags:write',
    'conversations:write',
    'conversations:supervise',
    'conversations:block',
    'dead-letters:write',
  ],
  agent,
  auditor: [...reading, 'audit:read'],
};

/**
 * How callers without a key prove who they are, which the route checks itself: a visitor's token, the token of a bot's turn,
 * a signature over the body, the key for metrics (where one is set).
 */
const proofs = ['visitor', 'turn', 'signature', 'metrics'] as const;
type Proof = (typeof proofs)[number];

/**
 * What a route asks of its caller: a scope; `any` valid key or token; the operator's key; another proof; or nothing
 * (`public`: it is meant for everybody).
 */
export type Access = Scope | 'any' | 'operator' | Proof | 'public';

/** Nobody is signed in on such a route: what it asks, it checks itself. */
export const checksItself = (access: Access): access is Proof | 'public' =>
  access === 'public' || proofs.some((proof) => proof === access);
