/** Whether an agent is there: the status is what they want, the lease is what their client keeps alive. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as store from '../../store/agents.ts';
import { announceGone, lockPresence } from '../../store/availability.ts';
import type { Announcer } from '../announcer.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { idIn, iso, time } from '../fields.ts';
import { chatsChoice, forwardTo, requireChoice } from '../leaving.ts';
import { type Principal, requireScope } from '../principal.ts';
import { found } from '../problem.ts';
import { agent, agentStatus, showAgent } from './agent-schema.ts';

const wantedStatus = z
  .strictObject({ status: agentStatus, chats: chatsChoice, groupId: forwardTo })
  .meta({ examples: [{ status: 'online' }, { status: 'offline', chats: 'requeue' }] });

const wantedPresence = z.strictObject({
  connected: z.boolean().default(true).describe('false: the client goes; the lease ends now.'),
});

const lease = z.object({ leaseUntil: time.describe('Renew it before; a lost lease counts 30 s after this.') });

export function presenceRoutes({ clock, config }: ApiDependencies, announcer: Announcer): FastifyPluginAsyncZod {
  return async (app) => {
    app.put(
      '/agents/:agentId/status',
      {
        config: { scope: 'presence:write', problems: ['choice-required', 'missing-scope'] },
        schema: {
          tags: ['Agents'],
          summary: 'Go online, away or offline',
          description:
            'From the answer on nothing more is assigned to an agent who isn’t online. Going offline with chats in ' +
            'progress needs `chats`, else 409 `choice-required`. For somebody else: scope `agents:presence`.',
          params: idIn('agentId'),
          body: wantedStatus,
          response: { 200: agent },
        },
      },
      async (request) => {
        const { principal } = request;
        const { accountId } = principal;
        const { agentId } = request.params;
        const { status, ...leaving } = request.body;
        requireOwnOrScope(principal, agentId);
        const at = new Date(clock());
        const row = await request.inAccount(async (tx) => {
          if (status !== 'online') await lockPresence(tx, accountId);
          const before = found(await store.lockAgent(tx, accountId, agentId), 'agent');
          const left =
            status === 'offline' ? await requireChoice(tx, accountId, before, leaving, { mayKeep: true }) : null;
          if (status !== before.status) {
            await store.setStatus(tx, accountId, agentId, status);
            const because = becauseOf(principal, agentId);
            await store.insertPresenceChange(tx, accountId, { agentId, status, because, at });
            if (status === 'online') await store.markGroupsOfAgent(tx, accountId, agentId, at);
          }
          if (status !== 'online') {
            const groupIds = before.status === 'online' ? before.groupIds : [];
            await announceGone(tx, accountId, { left, groupIds, at });
          }
          return found(await store.findAgent(tx, accountId, agentId), 'agent');
        });
        announcer.soon();
        return showAgent(request.principal, row, at.getTime());
      },
    );

    app.put(
      '/agents/:agentId/presence',
      {
        config: { scope: 'presence:write' },
        schema: {
          tags: ['Agents'],
          summary: 'Renew the presence lease, or give it up',
          description:
            'An agent’s client calls this again and again. Agents whose client never did count by status alone.',
          params: idIn('agentId'),
          body: wantedPresence,
          response: { 200: lease },
        },
      },
      async (request) => {
        const { principal } = request;
        const { accountId } = principal;
        const { agentId } = request.params;
        const { connected } = request.body;
        requireOwnOrScope(principal, agentId);
        const at = new Date(clock());
        const until = connected ? new Date(at.getTime() + config.presenceLeaseMs) : at;
        await request.inAccount(async (tx) => {
          const before = found(await store.lockAgent(tx, accountId, agentId), 'agent');
          const wasConnected = before.leaseUntil !== null && before.leaseUntil > at;
          await store.setLease(tx, accountId, agentId, until);
          if (wasConnected !== connected) {
            const because = connected ? 'connected' : 'disconnected';
            await store.insertPresenceChange(tx, accountId, { agentId, status: before.status, because, at });
            if (connected && before.status === 'online') await store.markGroupsOfAgent(tx, accountId, agentId, at);
          }
        });
        return { leaseUntil: iso(until) };
      },
    );
  };
}

function requireOwnOrScope(principal: Principal, agentId: string): void {
  if (principal.kind !== 'agent' || principal.id !== agentId) {
    requireScope(principal, 'agents:presence');
  }
}

function becauseOf({ kind, id }: Principal, agentId: string): string {
  if (kind === 'key') {
    return 'api';
  }
  return id === agentId ? 'agent' : 'supervisor';
}
