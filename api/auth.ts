/**
 * Who asks, and whether they may. Runs before anything of a request is read; no route is reached without having declared
 * what it asks of its caller. Keys and agents are looked up at every request: revoking works at once.
 */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { findApiKey } from '../store/api-keys.ts';
import { findSigningAgent } from '../store/agents.ts';
import { inAccount, type Transaction } from '../store/connection.ts';
import { verifyAgentToken } from './agent-tokens.ts';
import type { ApiDependencies } from './dependencies.ts';
import { type Principal, requireScope } from './principal.ts';
import { Problem } from './problem.ts';
import { createFailureLimit } from './rate-limits.ts';
import { type Access, checksItself, roleScopes, type Scope } from './scopes.ts';
import { hashToken, isApiKey, sameSecret } from './tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks of its caller; a route without it can't be registered. */
    scope?: Access;
  }
  interface FastifyRequest {
    /** Who asks; null on routes that check it themselves. */
    signedIn: Principal | null;
    /** Who asks, on routes that ask for a scope (or `any`). */
    readonly principal: Principal;
    /** One transaction bound to the principal's account, whose id comes with it; row-level security sees nothing else. */
    inAccount<T>(work: (tx: Transaction, accountId: string) => Promise<T>): Promise<T>;
  }
}

export function authenticate(app: FastifyInstance, deps: ApiDependencies): void {
  app.decorateRequest('signedIn', null);
  app.decorateRequest('principal', {
    getter(this: FastifyRequest) {
      if (this.signedIn === null) {
        throw new Error('A route that checks its callers itself has no principal.');
      }
      return this.signedIn;
    },
  });
  app.decorateRequest('inAccount', function inPrincipalsAccount<
    T,
  >(this: FastifyRequest, work: (tx: Transaction, accountId: string) => Promise<T>) {
    const { accountId } = this.principal;
    return inAccount(deps.pool, accountId, (tx) => work(tx, accountId));
  });

  requireDeclaredAccess(app);
  const failures = createFailureLimit(app, deps.config);
  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config;
    if (request.is404 || request.method === 'OPTIONS') {
      return;
    }
    if (scope === undefined) {
      throw new Error('This route doesn’t declare what it asks of its caller.');
    }
    if (checksItself(scope)) {
      return;
    }
    const token = bearerOf(request);
    await failures.requireFew(request);
    const caller = await callerOf(app, deps, token);
    if (caller === null) {
      await failures.count(request);
      throw new Problem('unauthenticated', { detail: 'The key or token is unknown, expired or revoked.' });
    }
    request.signedIn = requireKind(caller, scope);
    if (request.signedIn !== null && scope !== 'any' && scope !== 'operator') {
      requireScope(request.signedIn, scope);
    }
  });
}

/** An app with a route that declares nothing doesn't start. Checked at the end: a plugin's routes get theirs from outside. */
function requireDeclaredAccess(app: FastifyInstance): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  app.addHook('onReady', async () => {
    const silent = routes.filter(({ config }) => config?.scope === undefined);
    if (silent.length > 0) {
      const names = silent.map(({ method, url }) => `${String(method)} ${url}`).join(', ');
      throw new Error(`Set config.scope, what the route asks of its caller, on: ${names}`);
    }
  });
}

/** The bearer, or a 401. */
export function bearerOf(request: FastifyRequest): string {
  const match = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(request.headers.authorization ?? '');
  if (match?.[1] === undefined) {
    throw new Problem('unauthenticated', {
      detail: 'Send Authorization: Bearer, with an API key or an agent’s token.',
    });
  }
  return match[1];
}

/** null: unknown, expired or revoked. Whoever has neither key learns no more here than that. */
async function callerOf(
  app: FastifyInstance,
  deps: ApiDependencies,
  token: string,
): Promise<Principal | 'operator' | null> {
  return sameSecret(token, deps.config.operatorKey) ? 'operator' : principalOf(app, deps, token);
}

/** A good key that is good for other routes gets a 403 that says so. null: the operator, who is nobody's account. */
function requireKind(caller: Principal | 'operator', scope: Scope | 'any' | 'operator'): Principal | null {
  if (scope === 'operator') {
    if (caller === 'operator') return null;
    throw new Problem('wrong-kind-of-key', { detail: 'This needs the operator’s key; here is one of an account.' });
  }
  if (caller !== 'operator') return caller;
  throw new Problem('wrong-kind-of-key', {
    detail: 'This needs an account’s API key or an agent’s token; here is the operator’s key.',
  });
}

/**
 * Revoking works at once for whoever asks; who goes on listening is asked for with this. Somebody whose role has changed is
 * not who they were.
 */
export async function isSignedInStill(deps: ApiDependencies, request: FastifyRequest): Promise<boolean> {
  const now = await principalOf(request.server, deps, bearerOf(request));
  return now?.role === request.principal.role;
}

/** null: unknown, expired or revoked. */
function principalOf(app: FastifyInstance, deps: ApiDependencies, token: string): Promise<Principal | null> {
  return isApiKey(token) ? keyPrincipal(deps, token) : agentPrincipal(app, deps, token);
}

async function keyPrincipal({ pool, clock }: ApiDependencies, token: string): Promise<Principal | null> {
  const key = await findApiKey(pool, hashToken(token));
  if (key === null || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt.getTime() <= clock())) {
    return null;
  }
  return { accountId: key.accountId, kind: 'key', id: key.id, role: 'integration', scopes: key.scopes as Scope[] };
}

/** Here a second issuer would come in: whoever signed, what counts is the agent's row and its `token_epoch`. */
async function agentPrincipal(app: FastifyInstance, deps: ApiDependencies, token: string): Promise<Principal | null> {
  const claims = verifyAgentToken(app, deps, token);
  if (claims === null) {
    return null;
  }
  const agent = await findSigningAgent(deps.pool, claims.account, claims.sub);
  if (agent === null || agent.tokenEpoch !== claims.epoch) {
    return null;
  }
  // The role of now, not of when the token was made: who was demoted has less at once.
  return { accountId: claims.account, kind: 'agent', id: claims.sub, role: agent.role, scopes: roleScopes[agent.role] };
}
