/**
 * An account as a backend makes one, through the API: a channel with its backend, a bot where it is responsible, and an
 * agent who may have many chats.
 */
import type { Pool as HttpPool } from 'undici';
import { createApiClient, type ApiClient } from '../../dev/api-client.ts';
import { startFakeBot, type BotScript } from '../support/fake-bot.ts';
import { startFakeChannel, type FakeChannel } from '../support/fake-channel.ts';
import { createWriter, type Writer } from './writer.ts';

export interface BenchAccount extends Writer {
  accountId: string;
  /** The backend behind the channel, with its books. */
  channel: FakeChannel;
  /** Calls as the agent. */
  agent: ApiClient;
  agentToken: string;
}

export interface AccountWishes {
  /** Answers first; without it the agent's group does. */
  bot?: BotScript;
  /** What differs from the policy that an account begins with. */
  numbers?: object;
}

interface Around {
  url: string;
  operatorKey: string;
  http: HttpPool;
  closing: (() => Promise<unknown>)[];
}

interface Made {
  account: { id: string };
  key: string;
  groupId: string;
}

export async function createAccount(around: Around, { bot, numbers }: AccountWishes = {}): Promise<BenchAccount> {
  const { url, operatorKey, http, closing } = around;
  const operator = createApiClient(url, operatorKey);
  const made = await operator.post<Made>('/v1/accounts', { name: 'Bench' });
  const api = operator.as(made.key);
  if (numbers) {
    const { notices } = await api.get<{ notices: object }>('/v1/policy');
    await api.put('/v1/policy', {
      numbers,
      notices,
      routing: { default: { kind: 'group', groupId: made.groupId } },
    });
  }
  const channel = await startFakeChannel();
  closing.push(() => channel.stop());
  const responsible = bot
    ? { responsible: 'bot', botId: await createBot(api, bot, closing) }
    : { responsible: 'managers' };
  const party = await api.post<{ id: string }>('/v1/channels', {
    name: 'Bench',
    type: 'http',
    groupId: made.groupId,
    settings: { url: channel.url },
    ...responsible,
  });
  await api.post(`/v1/channels/${party.id}/secrets`, { secret: channel.secret, keepPrevious: false });
  const path = `/v1/webhooks/${made.account.id}/${party.id}`;
  channel.connect(`${url}${path}`);
  return {
    accountId: made.account.id,
    channel,
    ...(await createAgent(api, made.groupId)),
    ...createWriter(http, path, channel.secret),
  };
}

async function createBot(api: ApiClient, script: BotScript, closing: Around['closing']): Promise<string> {
  const bot = await startFakeBot({ script });
  closing.push(() => bot.stop());
  const { id } = await api.post<{ id: string }>('/v1/bots', {
    name: 'Bench',
    type: 'http',
    settings: { url: bot.url },
  });
  await api.post(`/v1/bots/${id}/secrets`, { secret: bot.secret, keepPrevious: false });
  return id;
}

async function createAgent(api: ApiClient, groupId: string): Promise<{ agent: ApiClient; agentToken: string }> {
  const { id } = await api.post<{ id: string }>('/v1/agents', { name: 'Ada', maxChats: 1_000, groupIds: [groupId] });
  const { token } = await api.post<{ token: string }>(`/v1/agents/${id}/tokens`);
  await api.put(`/v1/agents/${id}/status`, { status: 'online' });
  return { agent: api.as(token), agentToken: token };
}
