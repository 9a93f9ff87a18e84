/** Groups: agents who serve the same queue. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { announceHours } from '../../store/announcements.ts';
import * as store from '../../store/groups.ts';
import { newestPolicy } from '../../store/policy-versions.ts';
import type { Announcer } from '../announcer.ts';
import { id, idIn, iso, name, nothing, time } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { isRoutedTo } from '../policy-check.ts';
import { found, notFound, Problem } from '../problem.ts';

const clockTime = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'HH:MM');
const interval = z
  .strictObject({ from: clockTime, to: clockTime })
  .refine(({ from, to }) => from !== to, 'Begins when it ends.')
  .meta({
    description: 'Local times; where `to` is not after `from`, it is of the next day.',
    examples: [{ from: '09:00', to: '17:00' }],
  });
const intervals = z.array(interval).max(10);

const hours = z
  .strictObject({
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'An IANA time zone, as Europe/Berlin')
      .meta({ examples: ['Europe/Berlin'] }),
    days: z
      .strictObject({
        mon: intervals.exactOptional(),
        tue: intervals.exactOptional(),
        wed: intervals.exactOptional(),
        thu: intervals.exactOptional(),
        fri: intervals.exactOptional(),
        sat: intervals.exactOptional(),
        sun: intervals.exactOptional(),
      })
      .describe('A day that is not named is closed.'),
    holidays: z
      .array(z.strictObject({ date: z.iso.date(), hours: intervals.exactOptional() }))
      .max(400)
      .exactOptional()
      .describe('Dates with hours of their own; without any: closed.'),
  })
  .meta({ id: 'Hours', description: 'When the group answers.' });

const values = {
  name,
  skills: z
    .array(z.string().trim().min(1).max(100))
    .max(100)
    .transform((all) => [...new Set(all)])
    .describe('Routing keywords.'),
  hours: hours.nullable().describe('null: always.'),
};

const shown = z
  .object({ id, name: z.string(), skills: z.array(z.string()), hours: z.looseObject({}).nullable(), createdAt: time })
  .meta({ id: 'Group' });

const wanted = z
  .strictObject({ name: values.name, skills: values.skills.default([]), hours: values.hours.default(null) })
  .meta({
    examples: [
      {
        name: 'Support',
        skills: ['returns'],
        hours: { timeZone: 'Europe/Berlin', days: { mon: [{ from: '09:00', to: '17:00' }] }, holidays: [] },
      },
    ],
  });

const change = z.strictObject({
  name: values.name.optional(),
  skills: values.skills.optional(),
  hours: values.hours.optional(),
});

function isTimeZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

const show = (row: store.GroupRow): z.output<typeof shown> => ({
  id: row.id,
  name: row.name,
  skills: row.skills,
  hours: row.hours && { ...row.hours },
  createdAt: iso(row.createdAt),
});

const tags = ['Groups'];
const params = idIn('groupId');

export function groupRoutes(clock: () => number, announcer: Announcer): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/groups',
      {
        config: { scope: 'groups:write' },
        schema: {
          tags,
          summary: 'Make a group',
          description:
            'A queue and the agents who serve it. Agents are put into it with `groupIds` of PATCH ' +
            '/v1/agents/{agentId}. Names need not be unique.',
          body: wanted,
          response: { 201: shown },
        },
      },
      async (request, reply) => {
        const row = { id: uuid(), ...request.body };
        const at = new Date(clock());
        await request.inAccount((tx) => store.insertGroup(tx, request.principal.accountId, { ...row, at }));
        return reply.code(201).send(show({ ...row, createdAt: at }));
      },
    );

    app.get(
      '/groups',
      {
        config: { scope: 'groups:read' },
        schema: {
          tags,
          summary: 'All groups, oldest first',
          description: 'With skills and hours. Who serves a group: GET /v1/agents?groupId=….',
          querystring: z.strictObject(pageQuery),
          response: { 200: pageOf(shown) },
        },
      },
      async (request) => {
        const { limit, cursor } = request.query;
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        const rows = await request.inAccount((tx) =>
          store.listGroups(tx, request.principal.accountId, { limit, after }),
        );
        return toPage(rows, limit, (row) => [row.id], show);
      },
    );

    app.get(
      '/groups/:groupId',
      {
        config: { scope: 'groups:read' },
        schema: {
          tags,
          summary: 'One group',
          description: 'With its skills and hours; 404 once it has been removed.',
          params,
          response: { 200: shown },
        },
      },
      async (request) => {
        const { groupId } = request.params;
        return show(
          found(await request.inAccount((tx) => store.findGroup(tx, request.principal.accountId, groupId)), 'group'),
        );
      },
    );

    app.patch(
      '/groups/:groupId',
      {
        config: { scope: 'groups:write' },
        schema: {
          tags,
          summary: 'Change what is given',
          description:
            'Fields that are left out stay as they are; `skills` and `hours` are replaced as a whole. Chats that ' +
            'wait in the group are routed anew at once, and by other hours within moments.',
          params,
          body: change,
          response: { 200: shown },
        },
      },
      async (request) => {
        const { accountId } = request.principal;
        const { groupId } = request.params;
        const { name: label, skills, hours: open } = request.body;
        const row = await request.inAccount(async (tx) => {
          if (!(await store.updateGroup(tx, accountId, groupId, { name: label, skills, hours: open }))) {
            throw notFound('group');
          }
          const at = new Date(clock());
          if (open !== undefined) await announceHours(tx, accountId, groupId, at);
          await store.markGroup(tx, accountId, groupId, at);
          return found(await store.findGroup(tx, accountId, groupId), 'group');
        });
        announcer.soon();
        return show(row);
      },
    );

    app.delete(
      '/groups/:groupId',
      {
        config: { scope: 'groups:write', problems: ['in-use'] },
        schema: {
          tags,
          summary: 'Remove a group that nothing needs any more',
          description:
            'For good. 409 `in-use`, with counts, while a channel, a waiting chat or the newest policy names it. ' +
            'Agents simply no longer serve it.',
          params,
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const { groupId } = request.params;
        await request.inAccount(async (tx) => {
          found(await store.lockGroup(tx, accountId, groupId), 'group');
          const { channels, waiting } = await store.usesOfGroup(tx, accountId, groupId);
          const policy = isRoutedTo(await newestPolicy(tx, accountId), groupId);
          if (channels > 0 || waiting > 0 || policy) {
            throw new Problem('in-use', {
              detail: 'Channels, waiting chats or the policy name it.',
              channels,
              waiting,
              policy,
            });
          }
          await store.deleteGroup(tx, accountId, groupId, new Date(clock()));
        });
        return reply.code(204).send();
      },
    );
  };
}
