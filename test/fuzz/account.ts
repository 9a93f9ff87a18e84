/** An account with something of everything, so that made-up requests meet what is there and not only 404. */
import { type ApiClient, createApiClient } from '../../dev/api-client.ts';
import { postSigned } from '../../dev/demo/signed-post.ts';
import { until } from '../support/until.ts';

export interface FuzzedAccount {
  key: string;
  /** A visitor's token. */
  visitor: string;
  /** By the name of the parameter in the path. */
  ids: Record<string, string>;
}

interface Made {
  id: string;
  secret: string;
}

export async function createFuzzedAccount(url: string, operatorKey: string): Promise<FuzzedAccount> {
  const { account, key } = await createApiClient(url, operatorKey).post<{ account: Made; key: string }>(
    '/v1/accounts',
    {
      name: 'Fuzzed',
    },
  );
  const api = createApiClient(url, key);
  const group = await api.post<Made>('/v1/groups', { name: 'Support' });
  const bot = await api.post<Made>('/v1/bots', { name: 'Bot', type: 'http', settings: { url: 'http://127.0.0.1:9/' } });
  const agent = await api.post<Made>('/v1/agents', { name: 'Ada', role: 'agent', groupIds: [group.id] });
  const channel = await api.post<Made>('/v1/channels', {
    name: 'Channel',
    type: 'http',
    botId: bot.id,
    groupId: group.id,
    settings: { url: 'http://127.0.0.1:9/' },
  });
  const chat = await api.post<Made>('/v1/channels', {
    name: 'Chat',
    type: 'webchat',
    botId: bot.id,
    groupId: group.id,
    settings: { title: 'Ask us' },
  });
  const session = await createApiClient(url, null).post<{ token: string }>('/v1/widget/sessions', {
    accountId: account.id,
    channelId: chat.id,
  });
  const conversation = await firstConversation(api, `${url}/v1/webhooks/${account.id}/${channel.id}`, channel.secret);
  return {
    key,
    visitor: session.token,
    ids: {
      accountId: account.id,
      agentId: agent.id,
      conversationId: conversation.id,
      contactId: conversation.contact.id,
    },
  };
}

interface Conversation {
  id: string;
  contact: { id: string };
}

async function firstConversation(api: ApiClient, webhook: string, secret: string): Promise<Conversation> {
  const data = { id: 'm1', thread: 't1', contact: { id: 'c1', name: 'Ann' }, content: { text: 'hello' } };
  const { status, body } = await postSigned(webhook, secret, { type: 'message.received', data });
  if (status !== 200) throw new Error(`the webhook was answered ${status}: ${JSON.stringify(body)}`);
  let first: Conversation | undefined;
  await until(async () => {
    [first] = (await api.get<{ items: Conversation[] }>('/v1/conversations')).items;
    return first !== undefined;
  });
  if (first === undefined) throw new Error('there is no conversation');
  return first;
}
