/**
 * Baton whole, with what is outside of it: API, courier and worker on the real Temporal and Postgres, the adapters as in
 * production, and a channel's backend, a bot and a desk that are servers of their own and speak signed HTTP.
 */
import type { Logger } from 'pino';
import { Agent } from 'undici';
import { bots } from '../../../adapters/bots/registry.ts';
import { channels } from '../../../adapters/channels/registry.ts';
import type { Content } from '../../../adapters/contract/content.ts';
import { desks } from '../../../adapters/desks/registry.ts';
import type { Activities } from '../../../activities/contract.ts';
import { createWorkActivities } from '../../../activities/work.ts';
import { inAccount } from '../../../store/connection.ts';
import type { ConversationEvent } from '../../../workflows/conversation/events.ts';
import { startActorStack, type ActorStack } from '../../support/actor-stack.ts';
import type { SeededAccount } from '../../support/account.ts';
import { startFakeBot, type FakeBot } from '../../support/fake-bot.ts';
import { startFakeChannel, type FakeChannel, type FakeChannelOptions } from '../../support/fake-channel.ts';
import { startFakeDesk, type FakeDesk } from '../../support/fake-desk.ts';
import { required } from '../../support/required.ts';
import { until } from '../../support/until.ts';
import { createTestApi, type Answer, type TestApi } from '../test-api.ts';

/** As far as tests look at it. */
export interface Shown {
  id: string;
  state: string;
  holder: { kind: string; id: string | null };
  windowClosedAt: string | null;
  handover: {
    reason: string | null;
    skill: string | null;
    webstore: string | null;
    agentStatus: string | null;
    intake: { name: string; label: string | null; value: string }[];
  } | null;
}

export interface Line {
  author: { kind: string; name: string | null };
  content: Content | null;
  delivery: { status: string; class: string | null; waitsFor: string | null } | null;
}

/** An account whose channel, bot and desk are out there. */
export interface Connected extends SeededAccount {
  key: string;
  /** Of the first agent. */
  agent: string;
  deskId: string;
  channel: FakeChannel;
  bot: FakeBot;
  desk: FakeDesk;
  /** The conversation of a thread, once there is one. */
  conversation(thread: string): Promise<string>;
  shows(thread: string, condition: (shown: Shown) => boolean): Promise<Shown>;
  lines(thread: string): Promise<Line[]>;
  /** By the first agent; with the account's key, by the backend. */
  act(thread: string, action: string, body?: object, by?: string): Promise<Answer>;
  /** It has been recorded. */
  sees(thread: string, event: ConversationEvent['type']): Promise<void>;
  /** What the customer of a thread has been sent, in order. */
  hears(thread: string, ...texts: string[]): Promise<void>;
}

export interface Outside {
  stack: ActorStack;
  api: TestApi;
  /** Where the API listens. */
  url: string;
  connect(options?: {
    policy?: object;
    channel?: FakeChannelOptions;
    channelSettings?: object;
    toDesk?: boolean;
  }): Promise<Connected>;
  close(): Promise<void>;
}

const tokenKey = 'k'.repeat(32);

export interface OutsideOptions {
  /** Of the worker and of Temporal's. */
  logger?: Logger;
  /** Wraps the worker's activities. */
  around?: (activities: Activities) => Activities;
}

export async function startOutside({ logger, around = (made) => made }: OutsideOptions = {}): Promise<Outside> {
  const stack = await startActorStack(logger);
  const api = await createTestApi({ config: { tokenKey }, deps: { pool: stack.apiPool, commands: stack.commands } });
  const url = await api.app.listen({ port: 0, host: '127.0.0.1' });
  const http = new Agent();
  const { workerPool: pool } = stack;
  stack.around = (made) =>
    around({
      ...made,
      ...createWorkActivities({
        pool,
        http,
        channels,
        bots,
        desks,
        publicUrl: url,
        tokenKey,
        clock: Date.now,
        onAdapterBug: () => undefined,
      }),
    });
  await stack.startWorker();
  const servers: { stop(): Promise<void> }[] = [];

  return {
    stack,
    api,
    url,
    async connect({ policy = {}, channel: channelOptions = {}, channelSettings = {}, toDesk = false } = {}) {
      const [channel, bot, desk] = await Promise.all([
        startFakeChannel(channelOptions),
        startFakeBot(),
        startFakeDesk(),
      ]);
      servers.push(channel, bot, desk);
      const seeded = await stack.account({
        channelSettings: { url: channel.url, ...channelSettings },
        botSettings: { url: bot.url },
      });
      const key = await api.keyFor(seeded.accountId);
      const call = caller(api, key);
      const { id: deskId } = await call('POST', '/v1/desks', {
        name: 'Desk',
        type: 'http',
        settings: { url: desk.url },
      });
      await call('POST', `/v1/channels/${seeded.channelId}/secrets`, { secret: channel.secret });
      await call('POST', `/v1/bots/${seeded.botId}/secrets`, { secret: bot.secret });
      await call('POST', `/v1/desks/${deskId}/secrets`, { secret: desk.secret });
      if (toDesk) await call('PATCH', `/v1/channels/${seeded.channelId}`, { groupId: null });
      const target = toDesk ? { kind: 'desk', deskId } : { kind: 'group', groupId: seeded.groupId };
      const stands = await call('GET', '/v1/policy');
      await call('PUT', '/v1/policy', { notices: stands.notices, routing: { default: target }, ...policy });
      channel.connect(`${url}/v1/webhooks/${seeded.accountId}/${seeded.channelId}`);
      desk.connect(`${url}/v1/desks/${seeded.accountId}/${deskId}/events`);
      const agent = (await call('POST', `/v1/agents/${required(seeded.agentIds[0])}/tokens`)).token;
      return {
        ...seeded,
        key,
        agent,
        deskId,
        channel,
        bot,
        desk,
        ...reader(stack, api, { ...seeded, key, agent, channel }),
      };
    },
    async close() {
      await Promise.all(servers.map((server) => server.stop()));
      await api.close();
      await stack.close();
      await http.close();
    },
  };
}

/** Calls that must succeed. */
function caller(api: TestApi, key: string): (method: string, path: string, body?: object) => Promise<Answer['body']> {
  return async (method, path, body) => {
    const answer = await api.call(key, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
}

function reader(
  { pool, sees }: ActorStack,
  api: TestApi,
  { accountId, key, agent, channel }: SeededAccount & { key: string; agent: string; channel: FakeChannel },
): Pick<Connected, 'conversation' | 'shows' | 'lines' | 'act' | 'sees' | 'hears'> {
  const read = async <T>(path: string): Promise<T> => JSON.parse((await api.call(key, 'GET', path)).text) as T;
  const made = {
    async conversation(thread: string) {
      let id: string | undefined;
      await until(async () => {
        const query = 'SELECT id FROM conversations WHERE account_id = $1 AND external_thread = $2';
        const { rows } = await inAccount(pool, accountId, (tx) => tx.query<{ id: string }>(query, [accountId, thread]));
        return (id = rows[0]?.id) !== undefined;
      });
      return required(id);
    },
    async shows(thread: string, condition: (shown: Shown) => boolean) {
      const id = await made.conversation(thread);
      let shown: Shown | undefined;
      await until(async () => condition((shown = await read<Shown>(`/v1/conversations/${id}`)))).catch(() => undefined);
      if (!shown || !condition(shown)) throw new Error(`It shows: ${JSON.stringify(shown)}`);
      return shown;
    },
    async lines(thread: string) {
      const id = await made.conversation(thread);
      return (await read<{ items: Line[] }>(`/v1/conversations/${id}/messages?show=messages`)).items;
    },
    async act(thread: string, action: string, body?: object, by = agent) {
      return api.call(by, 'POST', `/v1/conversations/${await made.conversation(thread)}/actions/${action}`, body);
    },
    async sees(thread: string, event: ConversationEvent['type']) {
      return sees({ accountId, conversationId: await made.conversation(thread) }, event);
    },
    hears: (thread: string, ...texts: string[]) =>
      channel.books.until((books) => JSON.stringify(books.texts(thread)) === JSON.stringify(texts), 30_000),
  };
  return made;
}
