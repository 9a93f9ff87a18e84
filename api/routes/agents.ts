/** Agents: people who take chats. Their status and presence are in `presence.ts`, their tokens in `agent-tokens.ts`. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as store from '../../store/agents.ts';
import type { Announcer } from '../announcer.ts';
import { idIn, idOf, nothing, search } from '../fields.ts';
import { leavingForGood } from '../leaving.ts';
import { pageById, pageOf, pageQuery } from '../paging.ts';
import { readsSettings } from '../principal.ts';
import { found } from '../problem.ts';
import { orTaken } from '../saving.ts';
import type { App } from '../typed-app.ts';
import * as agents from './agent-changes.ts';
import { agent, agentChange, agentRole, agentStatus, newAgent, showAgent } from './agent-schema.ts';

const taken = 'Another agent has this address.';

const tags = ['Agents'];
const params = idIn('agentId');

export function agentRoutes(clock: () => number, announcer: Announcer): FastifyPluginAsyncZod {
  return async (app) => {
    addAgent(app, clock);
    listAgents(app, clock);
    readAgent(app, clock);
    changeAgent(app, clock, announcer);
    removeAgent(app, clock, announcer);
  };
}

function addAgent(app: App, clock: () => number): void {
  app.post(
    '/agents',
    {
      config: { scope: 'agents:write', problems: ['conflict', 'unknown-reference'] },
      schema: {
        tags,
        summary: 'Add an agent; offline at first',
        description:
          'Limits: `maxChats` 0 to 1000, at most 200 groups and 200 bots. One’s own scopes bound the role (403 ' +
          '`missing-scope`). 409 `conflict` where another agent has the e-mail address; 422 `unknown-reference` ' +
          'for a group or bot that there is none of. A token to sign in with: POST /v1/agents/{agentId}/tokens.',
        body: newAgent,
        response: { 201: agent },
      },
    },
    async (request, reply) => {
      const { principal, body } = request;
      const at = new Date(clock());
      const added = request.inAccount((tx) => agents.addAgent(tx, principal, body, at));
      return reply.code(201).send(showAgent(principal, await orTaken(added, taken), clock()));
    },
  );
}

function listAgents(app: App, clock: () => number): void {
  app.get(
    '/agents',
    {
      config: { scope: 'agents:read' },
      schema: {
        tags,
        summary: 'Agents, oldest first',
        description: 'Filters are combined with *and*. Those who have been removed are not among them.',
        querystring: z.strictObject({
          ...pageQuery,
          q: search.describe('Part of the name; with the scope `settings:read` also of the e-mail address.'),
          groupId: idOf('group that they serve').optional(),
          status: agentStatus.optional().describe('What they want, whether connected or not.'),
          role: agentRole.optional().describe('Those of this role alone.'),
        }),
        response: { 200: pageOf(agent) },
      },
    },
    async (request) => {
      const { principal } = request;
      const { q, groupId, status, role } = request.query;
      const filter = { q, groupId, status, role, byEmail: readsSettings(principal) };
      return pageById(
        request.query,
        (page) => request.inAccount((tx, accountId) => store.listAgents(tx, accountId, filter, page)),
        (row) => showAgent(principal, row, clock()),
      );
    },
  );
}

function readAgent(app: App, clock: () => number): void {
  app.get(
    '/agents/:agentId',
    {
      config: { scope: 'agents:read' },
      schema: {
        tags,
        summary: 'One agent',
        description:
          'With status, presence and chats in progress as of now. E-mail addresses of others only with the scope ' +
          '`settings:read`.',
        params,
        response: { 200: agent },
      },
    },
    async (request) => {
      const row = await request.inAccount((tx, accountId) => store.findAgent(tx, accountId, request.params.agentId));
      return showAgent(request.principal, found(row, 'agent'), clock());
    },
  );
}

function changeAgent(app: App, clock: () => number, announcer: Announcer): void {
  app.patch(
    '/agents/:agentId',
    {
      config: { scope: 'agents:write', problems: ['conflict', 'unknown-reference'] },
      schema: {
        tags,
        summary: 'Change what is given; lists are replaced as a whole',
        description:
          'Fields that are left out stay as they are. Who has more scopes than the caller can’t be changed, nor ' +
          'given them (403 `missing-scope`). 409 `conflict` where another agent has the e-mail address; 422 ' +
          '`unknown-reference` for a group or bot that there is none of.',
        params,
        body: agentChange,
        response: { 200: agent },
      },
    },
    async (request) => {
      const { principal, body } = request;
      const { agentId } = request.params;
      const at = new Date(clock());
      const changed = request.inAccount((tx) => agents.changeAgent(tx, principal, agentId, body, at));
      const row = await orTaken(changed, taken);
      announcer.soon();
      return showAgent(principal, row, at.getTime());
    },
  );
}

function removeAgent(app: App, clock: () => number, announcer: Announcer): void {
  app.delete(
    '/agents/:agentId',
    {
      config: { scope: 'agents:write', problems: ['choice-required', 'unknown-reference'] },
      schema: {
        tags,
        summary: 'Remove an agent and all of their tokens; with chats in progress only with a choice',
        description:
          'For good; what they did stays in the records. With chats in progress and without `chats`: 409 ' +
          '`choice-required`, with what may be chosen, and nothing happens.',
        params,
        querystring: leavingForGood,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { principal, query } = request;
      const { agentId } = request.params;
      const at = new Date(clock());
      await request.inAccount((tx) => agents.removeAgent(tx, principal, agentId, query, at));
      announcer.soon();
      return reply.code(204).send();
    },
  );
}
