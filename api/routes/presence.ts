/** Whether an agent is there: the status is what they want, the lease is what their client keeps alive. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Announcer } from '../announcer.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { idIn, iso, time } from '../fields.ts';
import { chatsChoice, forwardTo } from '../leaving.ts';
import { type Principal, requireScope } from '../principal.ts';
import type { App } from '../typed-app.ts';
import { agent, agentStatus, showAgent } from './agent-schema.ts';
import * as presence from './presence-changes.ts';

const wantedStatus = z
  .strictObject({ status: agentStatus, chats: chatsChoice, groupId: forwardTo })
  .meta({ examples: [{ status: 'online' }, { status: 'offline', chats: 'requeue' }] });

const wantedPresence = z.strictObject({
  connected: z.boolean().default(true).describe('false: the client goes; the lease ends now.'),
});

const lease = z.object({ leaseUntil: time.describe('Renew it before; a lost lease counts 30 s after this.') });

const tags = ['Agents'];
const params = idIn('agentId');

export function presenceRoutes(deps: ApiDependencies, announcer: Announcer): FastifyPluginAsyncZod {
  return async (app) => {
    changeStatus(app, deps, announcer);
    renewPresence(app, deps);
  };
}

function changeStatus(app: App, { clock }: ApiDependencies, announcer: Announcer): void {
  app.put(
    '/agents/:agentId/status',
    {
      config: { scope: 'presence:write', problems: ['choice-required', 'missing-scope'] },
      schema: {
        tags,
        summary: 'Go online, away or offline',
        description:
          'From the answer on nothing more is assigned to an agent who isn’t online. Going offline with chats in ' +
          'progress needs `chats`, else 409 `choice-required`. For somebody else: scope `agents:presence`.',
        params,
        body: wantedStatus,
        response: { 200: agent },
      },
    },
    async (request) => {
      const { principal, body } = request;
      const { agentId } = request.params;
      requireOwnOrScope(principal, agentId);
      const at = new Date(clock());
      const row = await request.inAccount((tx) => presence.changeStatus(tx, principal, agentId, body, at));
      announcer.soon();
      return showAgent(principal, row, at.getTime());
    },
  );
}

function renewPresence(app: App, { clock, config }: ApiDependencies): void {
  app.put(
    '/agents/:agentId/presence',
    {
      config: { scope: 'presence:write' },
      schema: {
        tags,
        summary: 'Renew the presence lease, or give it up',
        description:
          'An agent’s client calls this again and again. Agents whose client never did count by status alone.',
        params,
        body: wantedPresence,
        response: { 200: lease },
      },
    },
    async (request) => {
      const { agentId } = request.params;
      requireOwnOrScope(request.principal, agentId);
      const at = new Date(clock());
      const until = request.body.connected ? new Date(at.getTime() + config.presenceLeaseMs) : at;
      await request.inAccount((tx, accountId) => presence.holdLease(tx, accountId, agentId, { until, at }));
      return { leaseUntil: iso(until) };
    },
  );
}

function requireOwnOrScope(principal: Principal, agentId: string): void {
  if (principal.kind !== 'agent' || principal.id !== agentId) {
    requireScope(principal, 'agents:presence');
  }
}
