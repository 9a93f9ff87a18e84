/** Accounts: made by the operator, together with all that one needs to begin; read by their own keys. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { findAccount } from '../../store/accounts.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { found } from '../problem.ts';

const account = z
  .object({ id: z.uuid(), name: z.string(), createdAt: z.iso.datetime() })
  .meta({ id: 'Account', description: 'A tenant. Everything else belongs to exactly one.' });

export function accountRoutes(_deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/accounts/me',
      {
        config: { scope: 'account:read' },
        schema: { tags: ['Account'], summary: 'The account of the key or token', response: { 200: account } },
      },
      async (request) => {
        const { accountId } = request.principal;
        const row = found(await request.inAccount((tx) => findAccount(tx, accountId)));
        return { id: row.id, name: row.name, createdAt: row.createdAt.toISOString() };
      },
    );
  };
}
