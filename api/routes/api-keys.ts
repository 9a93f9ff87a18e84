/** API keys of backends: made, listed, revoked. A key is shown once; nobody makes one that can do more than they can. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import * as store from '../../store/api-keys.ts';
import { invalid } from '../errors.ts';
import { idIn, nothing } from '../fields.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { requireToHold } from '../principal.ts';
import { found, notFound } from '../problem.ts';
import { hashToken, newApiKey } from '../tokens.ts';
import type { App } from '../typed-app.ts';
import { apiKey, madeKey, newKey, showKey } from './api-key-schema.ts';

const tags = ['API keys'];
const params = idIn('keyId');

export function apiKeyRoutes(clock: () => number): FastifyPluginAsyncZod {
  return async (app) => {
    makeKey(app, clock);
    listKeys(app);
    readKey(app);
    revokeKey(app, clock);
  };
}

function makeKey(app: App, clock: () => number): void {
  app.post(
    '/api-keys',
    {
      config: { scope: 'api-keys:write' },
      schema: {
        tags,
        summary: 'Make a key',
        description:
          'For one backend and one purpose, with the scopes that it says. The key is shown this once. 403 ' +
          '`missing-scope` for a scope that the caller doesn’t have. Two requests make two keys.',
        body: newKey,
        response: { 201: madeKey },
      },
    },
    async (request, reply) => {
      const at = new Date(clock());
      const { expiresAt: until, ...wanted } = request.body;
      requireToHold(request.principal, wanted.scopes);
      const expiresAt = until === null ? null : new Date(until);
      if (expiresAt !== null && expiresAt <= at) {
        throw invalid('body', [{ path: ['expiresAt'], message: 'This is in the past.' }]);
      }
      const key = newApiKey();
      const row = { id: uuid(), ...wanted, scopes: [...new Set(wanted.scopes)], expiresAt };
      await request.inAccount((tx, accountId) =>
        store.insertApiKey(tx, accountId, { ...row, hash: hashToken(key), at }),
      );
      return reply.code(201).send({ ...showKey({ ...row, createdAt: at, revokedAt: null }), key });
    },
  );
}

function listKeys(app: App): void {
  app.get(
    '/api-keys',
    {
      config: { scope: 'api-keys:read' },
      schema: {
        tags,
        summary: 'All keys, also revoked and expired ones',
        description: 'Oldest first. A key itself is never shown again, only what it is for and what it may do.',
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(apiKey) },
      },
    },
    async (request) =>
      pageById(
        request.query,
        (page) => request.inAccount((tx, accountId) => store.listApiKeys(tx, accountId, page)),
        showKey,
      ),
  );
}

function readKey(app: App): void {
  app.get(
    '/api-keys/:keyId',
    {
      config: { scope: 'api-keys:read' },
      schema: {
        tags,
        summary: 'One key',
        description: 'Also a revoked or an expired one.',
        params,
        response: { 200: apiKey },
      },
    },
    async (request) => {
      const row = await request.inAccount((tx, accountId) => store.getApiKey(tx, accountId, request.params.keyId));
      return showKey(found(row, 'API key'));
    },
  );
}

function revokeKey(app: App, clock: () => number): void {
  app.delete(
    '/api-keys/:keyId',
    {
      config: { scope: 'api-keys:write' },
      schema: {
        tags,
        summary: 'Revoke a key, at once and for good',
        description:
          'The next request with it gets 401; streams that it follows end within seconds. Again: nothing happens. ' +
          'A key may revoke itself.',
        params,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { keyId } = request.params;
      const at = new Date(clock());
      if (!(await request.inAccount((tx, accountId) => store.revokeApiKey(tx, accountId, keyId, at)))) {
        throw notFound('API key');
      }
      return reply.code(204).send();
    },
  );
}
