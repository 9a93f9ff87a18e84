/** Accounts: made and listed by the operator, together with all that one needs to begin; read by their own keys. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import * as store from '../../store/accounts.ts';
import { insertApiKey } from '../../store/api-keys.ts';
import { inAccount, type Pool } from '../../store/connection.ts';
import { insertGroup } from '../../store/groups.ts';
import { insertPolicyVersion } from '../../store/policy-versions.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { id, iso, name, time } from '../fields.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { firstPolicy } from '../policy-schema.ts';
import { found } from '../problem.ts';
import { scopes } from '../scopes.ts';
import { hashToken, newApiKey } from '../tokens.ts';
import type { App } from '../typed-app.ts';

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

const show = (row: store.AccountRow): z.output<typeof account> => ({
  id: row.id,
  name: row.name,
  createdAt: iso(row.createdAt),
});

const tags = ['Account'];

export function accountRoutes(deps: ApiDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    makeAccount(app, deps);
    listAccounts(app, deps);
    readOwnAccount(app);
  };
}

function makeAccount(app: App, { pool, clock }: ApiDependencies): void {
  app.post(
    '/accounts',
    {
      config: { scope: 'operator' },
      schema: {
        tags,
        summary: 'Make an account, with a first key, group and policy',
        description:
          'The key has all scopes, never expires and is shown this once. Make keys with fewer scopes with it (POST ' +
          '/v1/api-keys) and revoke it then. Two requests make two accounts: there is no key to tell a repetition ' +
          'by.',
        body: newAccount,
        response: { 201: created },
      },
    },
    async (request, reply) => reply.code(201).send(await openAccount(pool, request.body.name, new Date(clock()))),
  );
}

async function openAccount(pool: Pool, called: string, at: Date): Promise<z.output<typeof created>> {
  const [accountId, keyId, groupId] = [uuid(), uuid(), uuid()];
  const key = newApiKey();
  const firstKey = { id: keyId, name: 'First key', hash: hashToken(key), scopes, expiresAt: null };
  await inAccount(pool, accountId, async (tx) => {
    await store.insertAccount(tx, { id: accountId, name: called, at });
    await insertApiKey(tx, accountId, { ...firstKey, at });
    await insertGroup(tx, accountId, { id: groupId, name: 'Support', skills: [], hours: null, at });
    await insertPolicyVersion(tx, accountId, { ...firstPolicy(groupId), version: 1, at });
  });
  const opened = show({ id: accountId, name: called, createdAt: at });
  return { account: opened, key, keyId, groupId, policyVersion: 1 };
}

function listAccounts(app: App, { pool }: ApiDependencies): void {
  app.get(
    '/accounts',
    {
      config: { scope: 'operator' },
      schema: {
        tags,
        summary: 'All accounts, oldest first',
        description: 'Their ids and names. What is in an account only its own keys show.',
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(account) },
      },
    },
    async (request) => pageById(request.query, (page) => store.listAccounts(pool, page), show),
  );
}

function readOwnAccount(app: App): void {
  app.get(
    '/accounts/me',
    {
      config: { scope: 'account:read' },
      schema: {
        tags,
        summary: 'The account of the key or token',
        description: 'Its id and name. What the caller itself is and may do is at GET /v1/me.',
        response: { 200: account },
      },
    },
    async (request) => show(found(await request.inAccount(store.findAccount), 'account')),
  );
}
