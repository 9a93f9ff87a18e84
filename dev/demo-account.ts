import type { ApiClient } from './api-client.ts';
import { ApiProblem } from './api-client.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

/** What was made in an account for trying things out, as a backend would have made it: through the API. */
export interface DemoAccount {
  accountId: string;
  name: string;
  /** An API key with all scopes. */
  key: string;
  groups: { support: string; billing: string };
  agents: Record<'ada' | 'bo' | 'sam', string>;
  bot: Party;
  desk: Party;
  channels: { webchat: Party; http: Party };
}

export interface Party {
  id: string;
  secret: string;
}

/** Where the demo bot, the demo desk and the demo backend (behind the signed HTTP channel) listen. */
export interface Addresses {
  bot: string;
  desk: string;
  backend: string;
}

/** Secrets of a bot or desk that several accounts share; made where there are none. */
export interface Secrets {
  bot?: string;
  desk?: string;
}

/**
 * The account that `file` names, with these addresses; a new one at the first run, and where the database has lost it.
 * A run that is killed in the middle leaves an account that nobody knows of, and the next makes another.
 */
export async function ensureDemoAccount(api: ApiClient, file: string, addresses: Addresses): Promise<DemoAccount> {
  const known = await readPrivateJson<DemoAccount>(file);
  if (known && (await isThere(api.as(known.key)))) {
    await readdress(api.as(known.key), known, addresses);
    return known;
  }
  const made = await createDemoAccount(api, 'Example Shop', addresses);
  await writePrivateJson(file, made);
  return made;
}

/** `operator`: calls with the operator's key. */
export async function createDemoAccount(
  operator: ApiClient,
  name: string,
  addresses: Addresses,
  secrets: Secrets = {},
): Promise<DemoAccount> {
  const { account, key, groupId: support } = await operator.post<NewAccount>('/v1/accounts', { name });
  const api = operator.as(key);

  const bot = await createParty(api, '/v1/bots', { name: 'Demo bot', type: 'http', settings: { url: addresses.bot } });
  const desk = await createParty(api, '/v1/desks', {
    name: 'Demo desk',
    type: 'http',
    settings: { url: addresses.desk },
  });
  await share(api, `/v1/bots/${bot.id}`, bot, secrets.bot);
  await share(api, `/v1/desks/${desk.id}`, desk, secrets.desk);

  const { id: billing } = await api.post<{ id: string }>('/v1/groups', { name: 'Billing', skills: ['billing'] });
  const agents = await createAgents(api, support, billing);
  const channels = await createChannels(api, name, bot.id, addresses.backend);
  await route(api, { support, billing, desk: desk.id });
  return {
    accountId: account.id,
    name,
    key,
    groups: { support, billing },
    agents,
    bot,
    desk,
    channels,
  };
}

async function createAgents(api: ApiClient, support: string, billing: string): Promise<DemoAccount['agents']> {
  const agent = async (values: object) => (await api.post<{ id: string }>('/v1/agents', values)).id;
  return {
    ada: await agent({ name: 'Ada', email: 'ada@shop.example', groupIds: [support, billing] }),
    bo: await agent({ name: 'Bo', email: 'bo@shop.example', groupIds: [support] }),
    sam: await agent({ name: 'Sam', email: 'sam@shop.example', role: 'supervisor', groupIds: [support, billing] }),
  };
}

/** `title`: over the web chat. `url`: of the backend that has an app of its own. */
async function createChannels(
  api: ApiClient,
  title: string,
  botId: string,
  url: string,
): Promise<DemoAccount['channels']> {
  const webchat = await createParty(api, '/v1/channels', {
    name: 'Web chat',
    type: 'webchat',
    botId,
    settings: { title, greeting: 'Say hello, or ask for a human.' },
  });
  const http = await createParty(api, '/v1/channels', { name: 'Our own app', type: 'http', botId, settings: { url } });
  return { webchat, http };
}

interface NewAccount {
  account: { id: string };
  key: string;
  groupId: string;
}

interface Policy {
  notices: Record<string, string>;
}

/** Says of what the demo bot asks for (`billing`, `livechat`) where it goes; the rest of the policy stays. */
async function route(api: ApiClient, to: { support: string; billing: string; desk: string }): Promise<void> {
  const { notices } = await api.get<Policy>('/v1/policy');
  await api.put('/v1/policy', {
    notices,
    routing: {
      rules: [
        { skill: 'billing', target: { kind: 'group', groupId: to.billing } },
        { skill: 'sales', webstore: 'shop-nl', target: { kind: 'desk', deskId: to.desk } },
      ],
      default: { kind: 'group', groupId: to.support },
      webstores: [{ pattern: 'shop.example/nl/*', webstore: 'shop-nl' }],
    },
  });
}

async function createParty(api: ApiClient, path: string, values: object): Promise<Party> {
  const { id, secret } = await api.post<Party>(path, values);
  return { id, secret };
}

/** The bot and the desk are one program each, with one secret, for all accounts. */
async function share(api: ApiClient, path: string, party: Party, secret: string | undefined): Promise<void> {
  if (secret === undefined) return;
  await api.post(`${path}/secrets`, { secret, keepPrevious: false });
  party.secret = secret;
}

async function isThere(api: ApiClient): Promise<boolean> {
  try {
    await api.get('/v1/accounts/me');
    return true;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return false;
    throw error;
  }
}

async function readdress(api: ApiClient, { bot, desk, channels }: DemoAccount, to: Addresses): Promise<void> {
  await api.patch(`/v1/bots/${bot.id}`, { settings: { url: to.bot } });
  await api.patch(`/v1/desks/${desk.id}`, { settings: { url: to.desk } });
  await api.patch(`/v1/channels/${channels.http.id}`, { settings: { url: to.backend } });
}
