/** API keys of backends: made, listed, revoked. A key is shown once; nobody makes one that can do more than they can. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { type ApiKeyRow, getApiKey, insertApiKey, listApiKeys, revokeApiKey } from '../../store/api-keys.ts';
import { invalid } from '../errors.ts';
import { id, idIn, iso, isoOrNull, name, nothing, time } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { requireToHold } from '../principal.ts';
import { found, notFound } from '../problem.ts';
import { type Scope, scopes } from '../scopes.ts';
import { hashToken, newApiKey } from '../tokens.ts';

const apiKey = z
  .object({
    id,
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    createdAt: time,
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' });

const newKey = z
  .strictObject({
    name: name.describe('What it is for.'),
    scopes: z
      .array(z.enum(scopes))
      .min(1)
      .max(scopes.length)
      .describe('What it may do, and no more than is needed: at most what the caller may.'),
    expiresAt: time.nullable().default(null).describe('In the future; null: until it is revoked.'),
  })
  .meta({ examples: [{ name: 'CRM sync', scopes: ['contacts:read', 'conversations:read'] }] });

const madeKey = apiKey.extend({ key: z.string().describe('Shown once: what is stored is a digest.') });

function show({
  id: keyId,
  name: label,
  scopes: held,
  createdAt,
  expiresAt,
  revokedAt,
}: ApiKeyRow): z.output<typeof apiKey> {
  return {
    id: keyId,
    name: label,
    scopes: held as Scope[],
    createdAt: iso(createdAt),
    expiresAt: isoOrNull(expiresAt),
    revokedAt: isoOrNull(revokedAt),
  };
}

export function apiKeyRoutes(clock: () => number): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/api-keys',
      {
        config: { scope: 'api-keys:write' },
        schema: {
          tags: ['API keys'],
          summary: 'Make a key',
          description:
            'For one backend and one purpose, with the scopes that it says. The key is shown this once. 403 `missing-scope` for a scope that the caller doesn’t have. Two requests make two keys.',
          body: newKey,
          response: { 201: madeKey },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const at = new Date(clock());
        const { expiresAt: until, ...wanted } = request.body;
        requireToHold(request.principal, wanted.scopes);
        const expiresAt = until === null ? null : new Date(until);
        if (expiresAt !== null && expiresAt <= at) {
          throw invalid('body', [{ path: ['expiresAt'], message: 'This is in the past.' }]);
        }
        const key = newApiKey();
        const row = { id: uuid(), ...wanted, scopes: [...new Set(wanted.scopes)], expiresAt };
        await request.inAccount((tx) => insertApiKey(tx, accountId, { ...row, hash: hashToken(key), at }));
        return reply.code(201).send({ ...show({ ...row, createdAt: at, revokedAt: null }), key });
      },
    );

    app.get(
      '/api-keys',
      {
        config: { scope: 'api-keys:read' },
        schema: {
          tags: ['API keys'],
          summary: 'All keys, also revoked and expired ones',
          description: 'Oldest first. A key itself is never shown again, only what it is for and what it may do.',
          querystring: z.strictObject(pageQuery),
          response: { 200: pageOf(apiKey) },
        },
      },
      async (request) => {
        const { limit, cursor } = request.query;
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        const rows = await request.inAccount((tx) => listApiKeys(tx, request.principal.accountId, { limit, after }));
        return toPage(rows, limit, (row) => [row.id], show);
      },
    );

    app.get(
      '/api-keys/:keyId',
      {
        config: { scope: 'api-keys:read' },
        schema: {
          tags: ['API keys'],
          summary: 'One key',
          description: 'Also a revoked or an expired one.',
          params: idIn('keyId'),
          response: { 200: apiKey },
        },
      },
      async (request) => {
        const { keyId } = request.params;
        return show(
          found(await request.inAccount((tx) => getApiKey(tx, request.principal.accountId, keyId)), 'API key'),
        );
      },
    );

    app.delete(
      '/api-keys/:keyId',
      {
        config: { scope: 'api-keys:write' },
        schema: {
          tags: ['API keys'],
          summary: 'Revoke a key, at once and for good',
          description:
            'The next request with it gets 401; streams that it follows end within seconds. Again: nothing happens. ' +
            'A key may revoke itself.',
          params: idIn('keyId'),
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const at = new Date(clock());
        if (!(await request.inAccount((tx) => revokeApiKey(tx, accountId, request.params.keyId, at)))) {
          throw notFound('API key');
        }
        return reply.code(204).send();
      },
    );
  };
}
