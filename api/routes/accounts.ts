/** Accounts: made by the operator, together with all that one needs to begin; read by their own keys. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { findAccount, insertAccount } from '../../store/accounts.ts';
import { insertApiKey } from '../../store/api-keys.ts';
import { inAccount } from '../../store/connection.ts';
import { insertGroup } from '../../store/groups.ts';
import { insertPolicyVersion } from '../../store/policy-versions.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, name, time } from '../fields.ts';
import { firstPolicy } from '../policy-schema.ts';
import { found } from '../problem.ts';
import { scopes } from '../scopes.ts';
import { hashToken, newApiKey } from '../tokens.ts';

const account = z
  .object({ id, name: z.string(), createdAt: time })
  .meta({ id: 'Account', description: 'A tenant. Everything else belongs to exactly one.' });

const newAccount = z
  .strictObject({ name: name.describe('For people.') })
  .meta({ examples: [{ name: 'Example Shop' }] });

const created = z.object({
  account,
  key: z.string().describe('An API key with all scopes. Shown once: what is stored is a digest.'),
  keyId: id,
  groupId: id.describe('The default group: hand-overs go there until the policy says otherwise.'),
  policyVersion: z.number().int(),
});

export function accountRoutes({ pool, clock }: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/accounts',
      {
        config: { scope: 'operator' },
        schema: {
          tags: ['Account'],
          summary: 'Make an account, with a first key, group and policy',
          description:
            'The key has all scopes, never expires and is shown this once. Make keys with fewer scopes with it (POST ' +
            '/v1/api-keys) and revoke it then. Two requests make two accounts: there is no key to tell a repetition ' +
            'by.',
          body: newAccount,
          response: { 201: created },
        },
      },
      async (request, reply) => {
        const at = new Date(clock());
        const [accountId, keyId, groupId] = [uuid(), uuid(), uuid()];
        const key = newApiKey();
        await inAccount(pool, accountId, async (tx) => {
          await insertAccount(tx, { id: accountId, name: request.body.name, at });
          await insertApiKey(tx, accountId, {
            id: keyId,
            name: 'First key',
            hash: hashToken(key),
            scopes,
            expiresAt: null,
            at,
          });
          await insertGroup(tx, accountId, { id: groupId, name: 'Support', skills: [], hours: null, at });
          await insertPolicyVersion(tx, accountId, { ...firstPolicy(groupId), version: 1, at });
        });
        return reply.code(201).send({
          account: { id: accountId, name: request.body.name, createdAt: at.toISOString() },
          key,
          keyId,
          groupId,
          policyVersion: 1,
        });
      },
    );

    app.get(
      '/accounts/me',
      {
        config: { scope: 'account:read' },
        schema: {
          tags: ['Account'],
          summary: 'The account of the key or token',
          description: 'Its id and name. What the caller itself is and may do is at GET /v1/me.',
          response: { 200: account },
        },
      },
      async (request) => {
        const { accountId } = request.principal;
        const row = found(await request.inAccount((tx) => findAccount(tx, accountId)), 'account');
        return { id: row.id, name: row.name, createdAt: row.createdAt.toISOString() };
      },
    );
  };
}
