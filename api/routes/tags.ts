/** Tags of conversations. A name once per account, upper and lower case being the same. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import * as store from '../../store/tags.ts';
import { id, idIn, name, nothing, search } from '../fields.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { found, notFound, Problem } from '../problem.ts';
import { orTaken } from '../saving.ts';
import type { App } from '../typed-app.ts';

const tag = z.object({ id, name: z.string() }).meta({ id: 'Tag' });
const wanted = z.strictObject({ name: name.max(100) }).meta({ examples: [{ name: 'refund' }] });
const taken = 'Another tag has this name.';

const tags = ['Tags'];
const params = idIn('tagId');

export function tagRoutes(clock: () => number): FastifyPluginAsyncZod {
  return async (app) => {
    makeTag(app);
    listTags(app);
    readTag(app);
    renameTag(app);
    removeTag(app, clock);
  };
}

function makeTag(app: App): void {
  app.post(
    '/tags',
    {
      config: { scope: 'tags:write', problems: ['conflict'] },
      schema: {
        tags,
        summary: 'Make a tag',
        description:
          'For conversations. At most 100 characters; upper and lower case being the same, 409 `conflict` where ' +
          'there is one of this name.',
        body: wanted,
        response: { 201: tag },
      },
    },
    async (request, reply) => {
      const row = { id: uuid(), name: request.body.name };
      if (!(await request.inAccount((tx, accountId) => store.insertTag(tx, accountId, row)))) {
        throw new Problem('conflict', { detail: taken });
      }
      return reply.code(201).send(row);
    },
  );
}

function listTags(app: App): void {
  app.get(
    '/tags',
    {
      config: { scope: 'tags:read' },
      schema: {
        tags,
        summary: 'All tags',
        description: 'Oldest first. Those that were taken out of use are not among them.',
        querystring: z.strictObject({ ...pageQuery, q: search.describe('Part of the name.') }),
        response: { 200: pageOf(tag) },
      },
    },
    async (request) => {
      const { q } = request.query;
      return pageById(
        request.query,
        (page) => request.inAccount((tx, accountId) => store.listTags(tx, accountId, { q }, page)),
        (row) => row,
      );
    },
  );
}

function readTag(app: App): void {
  app.get(
    '/tags/:tagId',
    {
      config: { scope: 'tags:read' },
      schema: {
        tags,
        summary: 'One tag',
        description: '404 once it has been taken out of use.',
        params,
        response: { 200: tag },
      },
    },
    async (request) => {
      const row = await request.inAccount((tx, accountId) => store.findTag(tx, accountId, request.params.tagId));
      return found(row, 'tag');
    },
  );
}

function renameTag(app: App): void {
  app.patch(
    '/tags/:tagId',
    {
      config: { scope: 'tags:write', problems: ['conflict'] },
      schema: {
        tags,
        summary: 'Rename a tag, on every conversation that has it',
        description: 'At most 100 characters. 409 `conflict` where another tag has this name.',
        params,
        body: wanted,
        response: { 200: tag },
      },
    },
    async (request) => {
      const row = { id: request.params.tagId, name: request.body.name };
      const renamed = request.inAccount((tx, accountId) => store.renameTag(tx, accountId, row));
      if (!(await orTaken(renamed, taken))) {
        throw notFound('tag');
      }
      return row;
    },
  );
}

function removeTag(app: App, clock: () => number): void {
  app.delete(
    '/tags/:tagId',
    {
      config: { scope: 'tags:write' },
      schema: {
        tags,
        summary: 'Take a tag out of use; conversations that have it no longer show it',
        description: 'For good; its name is free again. Events of the past still name its id.',
        params,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { tagId } = request.params;
      const at = new Date(clock());
      if (!(await request.inAccount((tx, accountId) => store.deleteTag(tx, accountId, tagId, at)))) {
        throw notFound('tag');
      }
      return reply.code(204).send();
    },
  );
}
