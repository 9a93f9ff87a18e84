/** Who has a chat: taken, given, passed on, given up. The first wins, and limits are the record's to keep. */
import { z } from 'zod';
import { actingAgent, actingAs, requireSupervisor } from '../acting.ts';
import { certainNo } from '../certain-no.ts';
import type { CommandWords } from '../commands.ts';
import { id } from '../fields.ts';
import { requireScope } from '../principal.ts';
import { requireTarget } from '../targets.ts';
import { action, noBody } from './action-route.ts';

const forAgent = z.strictObject({ agentId: actingAgent }).default({});

export const join = action({
  path: 'join',
  command: 'Join',
  scope: 'conversations:write',
  summary: 'Take a chat from the queue',
  description: 'The first wins; the others get 409 `taken` with the owner.',
  body: forAgent,
  async prepare(inAccount, { actor, by, head, body, principal }) {
    const agentId = actingAs(principal, body.agentId);
    const { settled, ownerId } = head;
    if (settled && ownerId !== null && ownerId !== agentId) {
      return certainNo(inAccount, { actor, by, head }, 'taken', 'somebody else has the conversation', ownerId);
    }
    return { agentId };
  },
});

export const assign = action({
  path: 'assign',
  command: 'Assign',
  scope: 'conversations:write',
  summary: 'Give a chat to an agent',
  problems: ['missing-scope'],
  description:
    'To oneself, or with the scope `conversations:supervise` to anybody. `override`, for supervisors: one chat ' +
    'above the agent’s limit.',
  body: z.strictObject({ agentId: id.optional(), override: z.boolean().default(false) }).default({ override: false }),
  async prepare(_inAccount, { body, principal }) {
    const agentId = body.agentId ?? actingAs(principal, undefined);
    if (principal.kind === 'key' || agentId !== principal.id) requireScope(principal, 'conversations:supervise');
    if (body.override) requireSupervisor(principal);
    return { agentId, override: body.override };
  },
});

export const unassign = action({
  path: 'unassign',
  command: 'Unassign',
  scope: 'conversations:write',
  summary: 'Give a chat back to its queue',
  description:
    'By its owner, or for them with the scope of a supervisor. It keeps its place by age, and the agent who ' +
    'gave it up doesn’t get it straight back.',
  body: noBody,
  prepare: async () => ({}),
});

export const forward = action({
  path: 'forward',
  command: 'Forward',
  scope: 'conversations:write',
  summary: 'Pass a chat on to an agent, a group or a desk',
  problems: ['unknown-reference'],
  description:
    'To an agent at once, who must be online and have a free place (409 `agent-offline`, `agent-at-limit`). 409 `too-many-transfers` ' +
    'after so many in a row as the policy’s `maxTransfers`; 422 `unknown-reference` for a desk that there is ' +
    'none of.',
  body: z.union([z.strictObject({ agentId: id }), z.strictObject({ groupId: id }), z.strictObject({ deskId: id })]),
  async prepare(inAccount, { actor, body }): Promise<CommandWords<'Forward'>> {
    if ('agentId' in body) return { to: { kind: 'agent', agentId: body.agentId } };
    if ('groupId' in body) return { to: { kind: 'group', groupId: body.groupId } };
    await inAccount((tx) => requireTarget(tx, actor.accountId, { groupId: null, deskId: body.deskId }));
    return { to: { kind: 'desk', deskId: body.deskId } };
  },
});

export const handBack = action({
  path: 'hand-back',
  command: 'HandBack',
  scope: 'conversations:write',
  summary: 'Give the customer back to the bot',
  description: 'The hand-over ends and the bot hears of it. 409 `no-bot` where the conversation has none.',
  body: noBody,
  prepare: async () => ({}),
});

export const reopen = action({
  path: 'reopen',
  command: 'Reopen',
  scope: 'conversations:write',
  summary: 'Take a resolved chat up again, within its session',
  description:
    'The agent who asks holds it, if there is room (409 `agent-at-limit`). 409 `lock-ended` or ' +
    '`session-ended` once the session lock is over: the customer’s next message begins anew.',
  body: forAgent,
  prepare: async (_inAccount, { body, principal }) => ({ agentId: actingAs(principal, body.agentId) }),
});
