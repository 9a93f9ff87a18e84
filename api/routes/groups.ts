/** Groups: agents who serve the same queue. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { announceHours } from '../../store/announcements.ts';
import type { Transaction } from '../../store/connection.ts';
import * as store from '../../store/groups.ts';
import { newestPolicy } from '../../store/policy-versions.ts';
import type { Announcer } from '../announcer.ts';
import { idIn, nothing } from '../fields.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { isRoutedTo } from '../policy-check.ts';
import { found, notFound, Problem } from '../problem.ts';
import type { App } from '../typed-app.ts';
import { group, groupChange, newGroup, showGroup } from './group-schema.ts';

const tags = ['Groups'];
const params = idIn('groupId');

export function groupRoutes(clock: () => number, announcer: Announcer): FastifyPluginAsyncZod {
  return async (app) => {
    makeGroup(app, clock);
    listGroups(app);
    readGroup(app);
    changeGroup(app, clock, announcer);
    removeGroup(app, clock);
  };
}

function makeGroup(app: App, clock: () => number): void {
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
        body: newGroup,
        response: { 201: group },
      },
    },
    async (request, reply) => {
      const row = { id: uuid(), ...request.body };
      const at = new Date(clock());
      await request.inAccount((tx, accountId) => store.insertGroup(tx, accountId, { ...row, at }));
      return reply.code(201).send(showGroup({ ...row, createdAt: at }));
    },
  );
}

function listGroups(app: App): void {
  app.get(
    '/groups',
    {
      config: { scope: 'groups:read' },
      schema: {
        tags,
        summary: 'All groups, oldest first',
        description: 'With skills and hours. Who serves a group: GET /v1/agents?groupId=….',
        querystring: z.strictObject(pageQuery),
        response: { 200: pageOf(group) },
      },
    },
    async (request) =>
      pageById(
        request.query,
        (page) => request.inAccount((tx, accountId) => store.listGroups(tx, accountId, page)),
        showGroup,
      ),
  );
}

function readGroup(app: App): void {
  app.get(
    '/groups/:groupId',
    {
      config: { scope: 'groups:read' },
      schema: {
        tags,
        summary: 'One group',
        description: 'With its skills and hours; 404 once it has been removed.',
        params,
        response: { 200: group },
      },
    },
    async (request) => {
      const row = await request.inAccount((tx, accountId) => store.findGroup(tx, accountId, request.params.groupId));
      return showGroup(found(row, 'group'));
    },
  );
}

function changeGroup(app: App, clock: () => number, announcer: Announcer): void {
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
        body: groupChange,
        response: { 200: group },
      },
    },
    async (request) => {
      const { groupId } = request.params;
      const { name, skills, hours } = request.body;
      const row = await request.inAccount(async (tx, accountId) => {
        if (!(await store.updateGroup(tx, accountId, groupId, { name, skills, hours }))) {
          throw notFound('group');
        }
        const at = new Date(clock());
        if (hours !== undefined) await announceHours(tx, accountId, groupId, at);
        await store.markGroup(tx, accountId, groupId, at);
        return found(await store.findGroup(tx, accountId, groupId), 'group');
      });
      announcer.soon();
      return showGroup(row);
    },
  );
}

function removeGroup(app: App, clock: () => number): void {
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
      const { groupId } = request.params;
      await request.inAccount(async (tx, accountId) => {
        found(await store.lockGroup(tx, accountId, groupId), 'group');
        await requireUnused(tx, accountId, groupId);
        await store.deleteGroup(tx, accountId, groupId, new Date(clock()));
      });
      return reply.code(204).send();
    },
  );
}

async function requireUnused(tx: Transaction, accountId: string, groupId: string): Promise<void> {
  const { channels, waiting } = await store.usesOfGroup(tx, accountId, groupId);
  const policy = isRoutedTo(await newestPolicy(tx, accountId), groupId);
  if (channels > 0 || waiting > 0 || policy) {
    const detail = 'Channels, waiting chats or the policy name it.';
    throw new Problem('in-use', { detail, channels, waiting, policy });
  }
}
