/** Agents: people who take chats. Their status and presence are in `presence.ts`, their tokens in `agent-tokens.ts`. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import * as store from '../../store/agents.ts';
import { announceGone, lockPresence } from '../../store/availability.ts';
import { existingBots } from '../../store/bots.ts';
import type { Transaction } from '../../store/connection.ts';
import { existingGroups } from '../../store/groups.ts';
import type { Announcer } from '../announcer.ts';
import { id, idIn, idOf, name, nothing, search } from '../fields.ts';
import { pageOf, pageQuery, readCursor, toPage } from '../paging.ts';
import { readsSettings, requireToHold } from '../principal.ts';
import { found } from '../problem.ts';
import { orTaken, requireKnown } from '../saving.ts';
import { roleScopes } from '../scopes.ts';
import { leavingForGood, requireChoice } from '../leaving.ts';
import { agent, agentRole, agentStatus, showAgent } from './agent-schema.ts';

const values = {
  name: name.describe('Customers may see it.'),
  email: z.email().max(320).nullable().describe('Once per account.'),
  role: agentRole,
  maxChats: z.number().int().min(0).max(1_000).describe('Lowering it below the chats in progress only stops new ones.'),
  groupIds: z.array(id).max(200).describe('The groups whose queue the agent serves.'),
  botIds: z.array(id).max(200).describe('Only chats of these bots; empty: of all.'),
};

const newAgent = z
  .strictObject({
    name: values.name,
    email: values.email.default(null),
    role: values.role.default('agent'),
    maxChats: values.maxChats.default(5),
    groupIds: values.groupIds.default([]),
    botIds: values.botIds.default([]),
  })
  .meta({ examples: [{ name: 'Ada', email: 'ada@example.com', maxChats: 4, groupIds: [] }] });

const change = z.strictObject({
  name: values.name.optional(),
  email: values.email.optional(),
  role: values.role.optional(),
  maxChats: values.maxChats.optional(),
  groupIds: values.groupIds.optional(),
  botIds: values.botIds.optional(),
});

const taken = 'Another agent has this address.';

export function agentRoutes(clock: () => number, announcer: Announcer): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/agents',
      {
        config: { scope: 'agents:write', problems: ['conflict', 'unknown-reference'] },
        schema: {
          tags: ['Agents'],
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
        const { accountId } = request.principal;
        const { groupIds, botIds, ...given } = request.body;
        requireToHold(request.principal, roleScopes[given.role]);
        const agentId = uuid();
        const added = request.inAccount(async (tx) => {
          await store.insertAgent(tx, accountId, { id: agentId, ...given, at: new Date(clock()) });
          await setGroups(tx, accountId, agentId, groupIds);
          await setBots(tx, accountId, agentId, botIds);
          return found(await store.findAgent(tx, accountId, agentId), 'agent');
        });
        return reply.code(201).send(showAgent(request.principal, await orTaken(added, taken), clock()));
      },
    );

    app.get(
      '/agents',
      {
        config: { scope: 'agents:read' },
        schema: {
          tags: ['Agents'],
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
        const { limit, cursor, q, groupId, status, role } = request.query;
        const byEmail = readsSettings(request.principal);
        const after = readCursor(cursor, z.tuple([id]))?.[0] ?? null;
        const rows = await request.inAccount((tx) =>
          store.listAgents(tx, request.principal.accountId, { q, groupId, status, role, byEmail }, { limit, after }),
        );
        return toPage(
          rows,
          limit,
          (row) => [row.id],
          (row) => showAgent(request.principal, row, clock()),
        );
      },
    );

    app.get(
      '/agents/:agentId',
      {
        config: { scope: 'agents:read' },
        schema: {
          tags: ['Agents'],
          summary: 'One agent',
          description:
            'With status, presence and chats in progress as of now. E-mail addresses of others only with the scope ' +
            '`settings:read`.',
          params: idIn('agentId'),
          response: { 200: agent },
        },
      },
      async (request) => {
        const { agentId } = request.params;
        const row = await request.inAccount((tx) => store.findAgent(tx, request.principal.accountId, agentId));
        return showAgent(request.principal, found(row, 'agent'), clock());
      },
    );

    app.patch(
      '/agents/:agentId',
      {
        config: { scope: 'agents:write', problems: ['conflict', 'unknown-reference'] },
        schema: {
          tags: ['Agents'],
          summary: 'Change what is given; lists are replaced as a whole',
          description:
            'Fields that are left out stay as they are. Who has more scopes than the caller can’t be changed, nor ' +
            'given them (403 `missing-scope`). 409 `conflict` where another agent has the e-mail address; 422 ' +
            '`unknown-reference` for a group or bot that there is none of.',
          params: idIn('agentId'),
          body: change,
          response: { 200: agent },
        },
      },
      async (request) => {
        const { accountId } = request.principal;
        const { agentId } = request.params;
        const { groupIds, botIds, ...given } = request.body;
        const at = new Date(clock());
        requireToHold(request.principal, given.role === undefined ? [] : roleScopes[given.role]);
        const changed = request.inAccount(async (tx) => {
          if (groupIds || botIds) await lockPresence(tx, accountId);
          const before = found(await store.lockAgent(tx, accountId, agentId), 'agent');
          // Whoever is above oneself isn't changed from below either.
          requireToHold(request.principal, roleScopes[before.role]);
          await store.updateAgent(tx, accountId, agentId, given);
          if (groupIds !== undefined) await setGroups(tx, accountId, agentId, groupIds);
          if (botIds !== undefined) await setBots(tx, accountId, agentId, botIds);
          if (groupIds || botIds || (given.maxChats ?? 0) > before.maxChats) {
            await store.markGroupsOfAgent(tx, accountId, agentId, at);
          }
          if ((groupIds || botIds) && before.status === 'online') {
            await announceGone(tx, accountId, { left: null, groupIds: before.groupIds, at });
          }
          return found(await store.findAgent(tx, accountId, agentId), 'agent');
        });
        const row = await orTaken(changed, taken);
        announcer.soon();
        return showAgent(request.principal, row, at.getTime());
      },
    );

    app.delete(
      '/agents/:agentId',
      {
        config: { scope: 'agents:write', problems: ['choice-required', 'unknown-reference'] },
        schema: {
          tags: ['Agents'],
          summary: 'Remove an agent and all of their tokens; with chats in progress only with a choice',
          description:
            'For good; what they did stays in the records. With chats in progress and without `chats`: 409 ' +
            '`choice-required`, with what may be chosen, and nothing happens.',
          params: idIn('agentId'),
          querystring: leavingForGood,
          response: { 204: nothing },
        },
      },
      async (request, reply) => {
        const { accountId } = request.principal;
        const { agentId } = request.params;
        const at = new Date(clock());
        await request.inAccount(async (tx) => {
          await lockPresence(tx, accountId);
          const before = found(await store.lockAgent(tx, accountId, agentId), 'agent');
          requireToHold(request.principal, roleScopes[before.role]);
          const left = await requireChoice(tx, accountId, before, request.query, { mayKeep: false });
          await store.setStatus(tx, accountId, agentId, 'offline');
          await store.insertPresenceChange(tx, accountId, { agentId, status: 'offline', because: 'removed', at });
          await store.deleteAgent(tx, accountId, agentId, at);
          await announceGone(tx, accountId, { left, groupIds: before.status === 'online' ? before.groupIds : [], at });
        });
        announcer.soon();
        return reply.code(204).send();
      },
    );
  };
}

async function setGroups(tx: Transaction, accountId: string, agentId: string, groupIds: string[]): Promise<void> {
  requireKnown(['groupIds'], groupIds, await existingGroups(tx, accountId, groupIds));
  await store.setAgentGroups(tx, accountId, agentId, groupIds);
}

async function setBots(tx: Transaction, accountId: string, agentId: string, botIds: string[]): Promise<void> {
  requireKnown(['botIds'], botIds, await existingBots(tx, accountId, botIds));
  await store.setAgentBots(tx, accountId, agentId, botIds);
}
