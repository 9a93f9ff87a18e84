/** Accounts: made and listed by the operator, together with all that one needs to begin; read by their own keys. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type AccountRow, findAccount, insertAccount, listAccounts } from '../../store/accounts.ts';
import { insertApiKey } from '../../store/api-keys.ts';
import { inAccount } from '../../store/connection.ts';
import { insertGroup } from '../../store/groups.ts';
import { insertPolicyVersion } from '../../store/policy-versions.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, iso, name, time } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
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

const show = ({ id: own, name: called, createdAt }: AccountRow): z.output<typeof account> => ({
  id: own,
  name: called,
  createdAt: iso(createdAt),
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
          account: show({ id: accountId, name: request.body.name, createdAt: at }),
          key,
          keyId,
          groupId,
          policyVersion: 1,
        });
      },
    );

    app.get(
      '/accounts',
      {
        config: { scope: 'operator' },
        schema: {
          tags: ['Account'],
          summary: 'All accounts, oldest first',
          description: 'Their ids and names. What is in an account only its own keys show.',
          querystring: z.strictObject(pageQuery),
          response: { 200: pageOf(account) },
        },
      },
      async (request) => {
        const { limit, cursor } = request.query;
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        return toPage(await listAccounts(pool, { limit, after }), limit, (row) => [row.id], show);
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
        return show(row);
      },
    );
  };
}
