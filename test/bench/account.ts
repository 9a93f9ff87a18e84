/** An account as a backend makes one, through the API: a channel whose responsible are people, and an agent who may have many chats. */
import { createApiClient, type ApiClient } from '../../dev/api-client.ts';

export interface BenchAccount {
  accountId: string;
  channelId: string;
  /** Signs the channel's webhooks. */
  secret: string;
  /** Calls as the agent. */
  agent: ApiClient;
  agentToken: string;
}

export async function createAccount(url: string, operatorKey: string, channelUrl: string): Promise<BenchAccount> {
  const operator = createApiClient(url, operatorKey);
  const made = await operator.post<{ account: { id: string }; key: string; groupId: string }>('/v1/accounts', {
    name: 'Bench',
  });
  const api = operator.as(made.key);
  const channel = await api.post<{ id: string; secret: string }>('/v1/channels', {
    name: 'Bench',
    type: 'http',
    responsible: 'managers',
    groupId: made.groupId,
    settings: { url: channelUrl },
  });
  const agent = await api.post<{ id: string }>('/v1/agents', {
    name: 'Ada',
    maxChats: 1_000,
    groupIds: [made.groupId],
  });
  const { token } = await api.post<{ token: string }>(`/v1/agents/${agent.id}/tokens`);
  await api.put(`/v1/agents/${agent.id}/status`, { status: 'online' });
  return {
    accountId: made.account.id,
    channelId: channel.id,
    secret: channel.secret,
    agent: api.as(token),
    agentToken: token,
  };
}
