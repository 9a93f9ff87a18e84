/** Agents' tokens: a backend that has signed a person in gets one for them; all of a person's are revoked at once. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { findSigningAgent, revokeTokens } from '../../store/agents.ts';
import { signAgentToken } from '../agent-tokens.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { idIn, iso, nothing, time } from '../fields.ts';
import { requireScope, requireToHold } from '../principal.ts';
import { found, notFound } from '../problem.ts';
import { roleScopes } from '../scopes.ts';
import type { App } from '../typed-app.ts';

const madeToken = z.object({ token: z.string().describe('A JWT, for Authorization: Bearer.'), expiresAt: time });

const tags = ['Agents'];
const params = idIn('agentId');

export function agentTokenRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    makeToken(app, deps);
    voidTokens(app);
  };
}

function makeToken(app: App, deps: ApiDependencies): void {
  app.post(
    '/agents/:agentId/tokens',
    {
      config: { scope: 'agents:write' },
      schema: {
        tags,
        summary: 'Make a token for an agent whom the caller has signed in',
        description:
          'Your backend asks for one after it has checked who the person is. A JWT, good for 12 hours unless the ' +
          'operator has set otherwise; make another before `expiresAt`. It has the scopes of the agent’s role, ' +
          'which must be among the caller’s (403 `missing-scope`).',
        params,
        response: { 201: madeToken },
      },
    },
    async (request, reply) => {
      const { accountId } = request.principal;
      const { agentId } = request.params;
      const { role, tokenEpoch } = found(
        await request.inAccount((tx) => findSigningAgent(tx, accountId, agentId)),
        'agent',
      );
      requireToHold(request.principal, roleScopes[role]);
      const claims = { sub: agentId, account: accountId, role, epoch: tokenEpoch };
      const { token, expiresAt } = signAgentToken(app, deps, claims);
      return reply.code(201).send({ token, expiresAt: iso(new Date(expiresAt)) });
    },
  );
}

function voidTokens(app: App): void {
  app.delete(
    '/agents/:agentId/tokens',
    {
      config: { scope: 'any', problems: ['missing-scope'] },
      schema: {
        tags,
        summary: 'Void every token of an agent, from now on',
        description: 'Signs an agent out everywhere. One’s own, or with the scope `agents:write`.',
        params,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { principal } = request;
      const { agentId } = request.params;
      if (principal.kind !== 'agent' || principal.id !== agentId) {
        requireScope(principal, 'agents:write');
      }
      if (!(await request.inAccount((tx) => revokeTokens(tx, principal.accountId, agentId)))) {
        throw notFound('agent');
      }
      return reply.code(204).send();
    },
  );
}
