/** What people may ask of a conversation, right or wrong, as a request and as the core's command. */
import type { By, Command } from '../../../workflows/conversation/inputs.ts';
import type { ChaosAccount } from '../account.ts';

export interface Actor {
  by: By;
  token: string;
  /** As whom a key acts. */
  acts: { agentId: string } | null;
}

export interface Move {
  action: string;
  actor: Actor;
  body: object;
  command: Command;
}

export interface Cast {
  actors: Actor[];
  agentIds: string[];
  groupId: string;
  tagIds: string[];
}

/** Two agents, a supervisor and a backend. */
export async function castOf(account: ChaosAccount): Promise<Cast> {
  const { api, key, groupId, agents } = account;
  const chief = await api.post<{ id: string }>('/v1/agents', {
    name: 'Chief',
    role: 'supervisor',
    maxChats: 1_000,
    groupIds: [groupId],
  });
  const { token } = await api.post<{ token: string }>(`/v1/agents/${chief.id}/tokens`);
  await api.put(`/v1/agents/${chief.id}/status`, { status: 'online' });
  const { id: tagId } = await api.post<{ id: string }>('/v1/tags', { name: 'urgent' });
  const agentIds = [...agents.map(({ id }) => id), chief.id];
  return {
    actors: [
      ...agents.map(({ id, token: own }): Actor => ({ by: { kind: 'agent', agentId: id }, token: own, acts: null })),
      { by: { kind: 'supervisor', agentId: chief.id }, token, acts: null },
      { by: { kind: 'api', keyId: 'a key' }, token: key, acts: { agentId: agentIds[0] ?? '' } },
    ],
    agentIds,
    groupId,
    tagIds: [tagId],
  };
}

type Draw = <T>(from: readonly T[]) => T;
type Kind = (asked: Asked, cast: Cast, draw: Draw) => { action: string; body: object; command: Command };
interface Asked {
  by: By;
  key: string;
  agentId: string;
  acts: object;
}

/** Ids of what the API stores first are the API's own: they stand in events, and nothing depends on them. */
const id = 'stored by the API';

const kinds: Kind[] = [
  ({ by, key }) => ({
    action: 'request-handover',
    body: {},
    command: { type: 'RequestHandover', by, key, request: { requestId: id, priority: 0 } },
  }),
  ({ by, key, agentId, acts }) => ({ action: 'join', body: acts, command: { type: 'Join', by, key, agentId } }),
  ({ by, key, agentId }, { agentIds }, draw) => {
    const chosen = by.kind === 'agent' ? agentId : draw(agentIds);
    return {
      action: 'assign',
      body: { agentId: chosen },
      command: { type: 'Assign', by, key, agentId: chosen, override: false },
    };
  },
  ({ by, key }) => ({ action: 'unassign', body: {}, command: { type: 'Unassign', by, key } }),
  ({ by, key }, { groupId }) => ({
    action: 'forward',
    body: { groupId },
    command: { type: 'Forward', by, key, to: { kind: 'group', groupId } },
  }),
  ({ by, key }, { agentIds }, draw) => {
    const agentId = draw(agentIds);
    return {
      action: 'forward',
      body: { agentId },
      command: { type: 'Forward', by, key, to: { kind: 'agent', agentId } },
    };
  },
  ({ by, key }) => ({ action: 'hand-back', body: {}, command: { type: 'HandBack', by, key } }),
  ({ by, key, agentId, acts }) => ({
    action: 'reply',
    body: { text: `re: ${key}`, ...acts },
    command: { type: 'Reply', by, key, agentId, messageId: id },
  }),
  ({ by, key }) => ({ action: 'resolve', body: {}, command: { type: 'Resolve', by, key } }),
  ({ by, key, agentId, acts }) => ({ action: 'reopen', body: acts, command: { type: 'Reopen', by, key, agentId } }),
  ({ by, key }) => ({
    action: 'block',
    body: { reason: 'rude', message: 'You are blocked.' },
    command: { type: 'Block', by, key, blockId: id, expiresAt: null },
  }),
  ({ by, key }) => ({ action: 'unblock', body: {}, command: { type: 'Unblock', by, key } }),
  ({ by, key }, { tagIds }) => ({
    action: 'tag',
    body: { add: tagIds },
    command: { type: 'Tag', by, key, add: tagIds, remove: [] },
  }),
];

export function drawMove(cast: Cast, key: string, draw: Draw): Move {
  const actor = draw(cast.actors);
  const { by, acts } = actor;
  const agentId = acts?.agentId ?? ('agentId' in by ? by.agentId : '');
  return { actor, ...draw(kinds)({ by, key, agentId, acts: acts ?? {} }, cast, draw) };
}
