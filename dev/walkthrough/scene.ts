import { type ApiClient, createApiClient } from '../api-client.ts';
import { createDemoAccount, type DemoAccount } from '../demo-account.ts';
import type { Running } from '../running.ts';
import type { Narration } from './narration.ts';

/** Where the walk-through plays: an account of its own, so nothing of an earlier run or of the reader's is in the way. */
export interface Scene {
  running: Running;
  narration: Narration;
  account: DemoAccount;
  /** With the account's key. */
  api: ApiClient;
  ada: Agent;
  bo: Agent;
  goOnline(agent: Agent): Promise<void>;
  act(agent: Agent, action: Action): Promise<Outcome>;
  /** Silence after which sessions end, in ms; null: as at first. */
  setSession(sessionMs: number | null): Promise<void>;
}

export interface Agent {
  id: string;
  /** With the agent's own token. */
  api: ApiClient;
}

export interface Action {
  name: 'join' | 'reply' | 'resolve' | 'block';
  conversation: string;
  body?: object;
}

export interface Outcome {
  state: string;
  events: string[];
}

interface Policy {
  numbers: { lock: object };
  notices: object;
  routing: object;
}

export async function createScene(running: Running, narration: Narration): Promise<Scene> {
  const { urls, operatorKey } = running;
  const addresses = { bot: urls.bot, desk: urls.desk, backend: urls.backend };
  const secrets = { bot: running.account.bot.secret, desk: running.account.desk.secret };
  const operator = createApiClient(urls.api, operatorKey);
  const account = await createDemoAccount(operator, 'Walk-through', addresses, secrets);
  const api = operator.as(account.key);
  const first = await api.get<Policy>('/v1/policy');

  const signIn = async (id: string): Promise<Agent> => {
    const { token } = await api.post<{ token: string }>(`/v1/agents/${id}/tokens`);
    return { id, api: api.as(token) };
  };
  return {
    running,
    narration,
    account,
    api,
    ada: await signIn(account.agents.ada),
    bo: await signIn(account.agents.bo),
    goOnline: (agent) => agent.api.put(`/v1/agents/${agent.id}/status`, { status: 'online' }),
    act: (agent, { name, conversation, body = {} }) =>
      agent.api.post(`/v1/conversations/${conversation}/actions/${name}`, body),
    async setSession(sessionMs) {
      const { numbers, notices, routing } = first;
      const lock = sessionMs === null ? numbers.lock : { ...numbers.lock, sessionMs };
      await api.put('/v1/policy', { numbers: { lock }, notices, routing });
    },
  };
}
