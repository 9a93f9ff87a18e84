/** Tags of conversations. A name once per account, upper and lower case being the same. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { deleteTag, findTag, insertTag, listTags, renameTag } from '../../store/tags.ts';
import { id, idIn, name, nothing, search } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { found, notFound, Problem } from '../problem.ts';
import { orTaken } from '../saving.ts';

const tag = z.object({ id, name: z.string() }).meta({ id: 'Tag' });
const wanted = z.strictObject({ name: name.max(100) }).meta({ examples: [{ name: 'refund' }] });
const taken = 'Another tag has this name.';

export function tagRoutes(clock: () => number): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/tags',
      {
        config: { scope: 'tags:write', problems: ['conflict'] },
        schema: {
          tags: ['Tags'],
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
        if (!(await request.inAccount((tx) => insertTag(tx, request.principal.accountId, row)))) {
          throw new Problem('conflict', { detail: taken });
        }
        return reply.code(201).send(row);
      },
    );

    app.get(
      '/tags',
      {
        config: { scope: 'tags:read' },
        schema: {
          tags: ['Tags'],
          summary: 'All tags',
          description: 'Oldest first. Those that were taken out of use are not among them.',
          querystring: z.strictObject({ ...pageQuery, q: search.describe('Part of the name.') }),
          response: { 200: pageOf(tag) },
        },
      },
      async (request) => {
        const { limit, cursor, q } = request.query;
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        const rows = await request.inAccount((tx) =>
          listTags(tx, request.principal.accountId, { q }, { limit, after }),
        );
        return toPage(
          rows,
          limit,
          (row) => [row.id],
          (row) => row,
        );
      },
    );

    app.get(
      '/tags/:tagId',
      {
        config: { scope: 'tags:read' },
        schema: {
          tags: ['Tags'],
          summary: 'One tag',
          description: '404 once it has been taken out of use.',
          params: idIn('tagId'),
          response: { 200: tag },
        },
      },
      async (request) =>
        found(await request.inAccount((tx) => findTag(tx, request.principal.accountId, request.params.tagId)), 'tag'),
    );

    app.patch(
      '/tags/:tagId',
      {
        config: { scope: 'tags:write', problems: ['conflict'] },
        schema: {
          tags: ['Tags'],
          summary: 'Rename a tag, on every conversation that has it',
          description: 'At most 100 characters. 409 `conflict` where another tag has this name.',
          params: idIn('tagId'),
          body: wanted,
          response: { 200: tag },
        },
      },
      async (request) => {
        const row = { id: request.params.tagId, name: request.body.name };
        const renamed = request.inAccount((tx) => renameTag(tx, request.principal.accountId, row));
        if (!(await orTaken(renamed, taken))) {
          throw notFound('tag');
        }
        return row;
      },
    );

    app.delete(
      '/tags/:tagId',
      {
        config: { scope: 'tags:write' },
        schema: {
          tags: ['Tags'],
          summary: 'Take a tag out of use; conversations that have it no longer show it',
          description: 'For good; its name is free again. Events of the past still name its id.',
          params: idIn('tagId'),
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const at = new Date(clock());
        if (!(await request.inAccount((tx) => deleteTag(tx, accountId, request.params.tagId, at)))) {
          throw notFound('tag');
        }
        return reply.code(204).send();
      },
    );
  };
}
