/** Who the API takes its caller for, and what that one may do: clients show lists and actions by it. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { findAgent } from '../../store/agents.ts';
import { id } from '../fields.ts';
import { found } from '../problem.ts';
import { roles, scopes } from '../scopes.ts';
import { agent, showAgent } from './agent-schema.ts';

const me = z
  .object({
    accountId: id,
    kind: z.enum(['key', 'agent']),
    id: id.describe('Of the key, or of the agent.'),
    role: z.enum(roles),
    scopes: z.array(z.enum(scopes)).describe('Everything else is a 403.'),
    agent: agent.nullable().describe('The agent; null for a key.'),
  })
  .meta({ id: 'Me' });

export function meRoutes(clock: () => number): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/me',
      {
        config: { scope: 'any' },
        schema: {
          tags: ['Account'],
          summary: 'Who I am and what I may do',
          description:
            'For any key or token that is good. `scopes` are those of now: of an agent the role’s, which may have ' +
            'changed since the token was made.',
          response: { 200: me },
        },
      },
      async (request) => {
        const { accountId, kind, id: own, role, scopes: held } = request.principal;
        const row =
          kind === 'key' ? null : found(await request.inAccount((tx) => findAgent(tx, accountId, own)), 'agent');
        return {
          accountId,
          kind,
          id: own,
          role,
          scopes: [...held],
          agent: row && showAgent(request.principal, row, clock()),
        };
      },
    );
  };
}
