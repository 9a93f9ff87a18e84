/**
 * An account as a backend makes one, through the API: two channels whose backends keep books (one that knows a repeated id,
 * one that doesn't), a bot that answers each message with words of its own, and agents.
 */
import { createApiClient, type ApiClient } from '../../dev/api-client.ts';
import type { BotTurn } from '../../adapters/contract/bot.ts';
import { type BotScript, type FakeBot, startFakeBot } from '../support/fake-bot.ts';
import { type FakeChannel, type FakeChannelOptions, startFakeChannel } from '../support/fake-channel.ts';
import type { Arena } from './arena.ts';
import { patientClient } from './patient-client.ts';

export type ChannelName = 'knowing' | 'forgetful';

export interface ChaosAccount {
  readonly accountId: string;
  readonly groupId: string;
  /** As its backend. */
  readonly api: ApiClient;
  readonly key: string;
  readonly channels: Record<ChannelName, Connected>;
  readonly bot: FakeBot;
  readonly agents: { id: string; token: string; client: ApiClient; maxChats: number }[];
  close(): Promise<void>;
}

export interface Connected {
  id: string;
  /** Where its webhooks go. */
  webhookUrl: string;
  backend: FakeChannel;
}

export interface AccountOptions {
  agents?: number;
  maxChats?: number;
  /** Over those with which a storm is survived: a worker that dies with a turn in hand has used a try. */
  numbers?: Record<string, object | string | number>;
  channelSettings?: object;
  channel?: FakeChannelOptions;
  script?: BotScript;
}

const patient = { intake: { by: 'none' }, bot: { tries: 10, timeoutMs: 10_000 } };

export async function openAccount({ installation, front }: Arena, options: AccountOptions = {}): Promise<ChaosAccount> {
  const operator = patientClient(createApiClient(front.url, installation.operatorKey));
  const made = await operator.post<{ account: { id: string }; key: string; groupId: string }>('/v1/accounts', {
    name: 'Chaos',
  });
  const api = operator.as(made.key);
  const bot = await startFakeBot({ script: options.script ?? echo });
  const { id: botId } = await api.post<{ id: string }>('/v1/bots', {
    name: 'Echo',
    type: 'http',
    settings: { url: bot.url },
  });
  await api.post(`/v1/bots/${botId}/secrets`, { secret: bot.secret, keepPrevious: false });
  await setNumbers(api, { ...patient, ...options.numbers });

  const connect = async (idempotency: 'key' | 'none'): Promise<Connected> => {
    const backend = await startFakeChannel({ ...options.channel, idempotency });
    const { id } = await api.post<{ id: string }>('/v1/channels', {
      name: idempotency === 'key' ? 'Knowing' : 'Forgetful',
      type: 'http',
      botId,
      groupId: made.groupId,
      settings: { url: backend.url, idempotency, ...options.channelSettings },
    });
    await api.post(`/v1/channels/${id}/secrets`, { secret: backend.secret, keepPrevious: false });
    const webhookUrl = `${front.url}/v1/webhooks/${made.account.id}/${id}`;
    backend.connect(webhookUrl);
    return { id, webhookUrl, backend };
  };
  const channels = { knowing: await connect('key'), forgetful: await connect('none') };
  const { agents = 2, maxChats = 200 } = options;
  return {
    accountId: made.account.id,
    groupId: made.groupId,
    api,
    key: made.key,
    channels,
    bot,
    agents: await Promise.all(Array.from({ length: agents }, (_, no) => hire(api, made.groupId, no, maxChats))),
    async close() {
      await Promise.all([channels.knowing.backend.stop(), channels.forgetful.backend.stop(), bot.stop()]);
    },
  };
}

async function setNumbers(api: ApiClient, numbers: object): Promise<void> {
  const { notices, routing } = await api.get<{ notices: Record<string, string>; routing: object }>('/v1/policy');
  const named = Object.fromEntries(Object.keys(notices).map((code) => [code, `notice: ${code}`]));
  await api.put('/v1/policy', { numbers, notices: named, routing });
}

async function hire(
  api: ApiClient,
  groupId: string,
  no: number,
  maxChats: number,
): Promise<ChaosAccount['agents'][number]> {
  const { id } = await api.post<{ id: string }>('/v1/agents', {
    name: `Agent ${no + 1}`,
    maxChats,
    groupIds: [groupId],
  });
  const { token } = await api.post<{ token: string }>(`/v1/agents/${id}/tokens`);
  await api.put(`/v1/agents/${id}/status`, { status: 'online' });
  return { id, token, client: createApiClient(api.url, token), maxChats };
}

/** Each message has its own answer. */
function echo({ event }: Pick<BotTurn, 'event'>): object {
  const texts = event.type === 'messages' ? event.messages.map(({ content }) => content.text ?? '') : [];
  if (texts.some((text) => text.includes('person'))) return { messages: [], handover: { reason: 'asked' } };
  return { messages: texts.map((text) => ({ text: `echo: ${text}` })) };
}
