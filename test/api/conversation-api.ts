/** The API with conversations behind it: customers write, a bot answers, agents act, all in the test's process. */
import { v7 as uuid } from 'uuid';
import type { ApiConfig } from '../../api/config.ts';
import type { ApiDependencies, Commands } from '../../api/dependencies.ts';
import { inAccount } from '../../store/connection.ts';
import { acceptInbound, type Accepted } from '../../store/inbound.ts';
import type { SeededAccount } from '../support/account.ts';
import { required } from '../support/required.ts';
import { createLocalActors, type LocalActors } from './local-actors.ts';
import { type Answer, createTestApi, type TestApi } from './test-api.ts';

export const tokenKey = 'token-key-of-the-conversations-32-characters';

export interface Account extends SeededAccount {
  /** With all scopes. */
  key: string;
  /** Agents' tokens, in the order of `agentIds`. */
  tokens: string[];
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** As far as tests look at it. */
export interface Line {
  author: { kind: string; id: string | null; name: string | null };
  content: { text: string } | null;
}

export interface ConversationApi extends TestApi {
  actors: LocalActors;
  /** Intake is off, and the bot asks for a person when somebody writes `human`; else it repeats what was said. */
  ready(options?: Parameters<TestApi['account']>[0]): Promise<Account>;
  tokenFor(account: { key: string }, agentId: string): Promise<string>;
  /** A message of this thread that nobody has looked at yet. */
  put(account: SeededAccount, thread: string, text: string): Promise<Accepted & { conversationId: string }>;
  /** A message of this thread that has been decided on. */
  write(account: SeededAccount, thread: string, text: string): Promise<Accepted & { conversationId: string }>;
  /** A conversation that waits in the queue. */
  queued(account: Account, thread?: string): Promise<string>;
  /** A conversation that the first agent holds. */
  held(account: Account, thread?: string): Promise<string>;
  /** The answer to a GET that must succeed. */
  read<T>(token: string, path: string): Promise<T>;
  act(token: string, conversationId: string, action: string, body?: object, key?: string): Promise<Answer>;
  rows<T>(accountId: string, query: string, values?: unknown[]): Promise<T[]>;
}

export async function createConversationApi(
  options: { config?: Partial<ApiConfig>; deps?: Partial<ApiDependencies> } = {},
): Promise<ConversationApi> {
  let actors: LocalActors | null = null;
  const commands: Commands = {
    execute: (...asked) => required(actors).commands.execute(...asked),
    signal: (...asked) => required(actors).commands.signal(...asked),
  };
  const api = await createTestApi({
    config: { tokenKey, ...options.config },
    deps: { commands, ...options.deps },
  });
  const local = createLocalActors(api.database.workerUrl, tokenKey);
  actors = local;
  local.bot = ({ event }) => {
    const text = event.type === 'messages' ? (event.messages.at(-1)?.content.text ?? '') : '';
    const handover = text === 'human' ? { reason: 'asked for a person', skill: 'sales' } : null;
    return { messages: handover ? [] : [{ text: `echo: ${text}` }], handover, intake: null };
  };

  const made: ConversationApi = {
    ...api,
    actors: local,
    async ready({ numbers, ...account } = {}) {
      const seeded = await api.account({ ...account, numbers: { intake: { by: 'none' }, ...numbers } });
      const tokens = [];
      for (const agentId of seeded.agentIds) tokens.push(await made.tokenFor(seeded, agentId));
      return { ...seeded, tokens };
    },
    async tokenFor({ key }, agentId) {
      return (await api.call(key, 'POST', `/v1/agents/${agentId}/tokens`)).body.token;
    },
    async put({ accountId, channelId }, thread, text) {
      const contact = { externalId: thread, name: `Customer ${thread}` };
      const item = { kind: 'message' as const, externalId: uuid(), thread, contact, content: { text } };
      const webhook = { accountId, sourceId: channelId, at: Date.now(), items: [item] };
      const [accepted] = await acceptInbound(api.pool, webhook);
      return { ...required(accepted), conversationId: required(accepted?.conversationId) };
    },
    async write(account, thread, text) {
      const accepted = await made.put(account, thread, text);
      await local.settle(account.accountId);
      return accepted;
    },
    async queued(account, thread = uuid()) {
      return (await made.write(account, thread, 'human')).conversationId;
    },
    async held(account, thread = uuid()) {
      const conversationId = await made.queued(account, thread);
      const joined = await made.act(required(account.tokens[0]), conversationId, 'join');
      if (joined.status !== 200) throw new Error(`Not joined: ${joined.text}`);
      return conversationId;
    },
    act: (token, conversationId, action, body, key) =>
      api.call(
        token,
        'POST',
        `/v1/conversations/${conversationId}/actions/${action}`,
        body,
        key === undefined ? {} : { 'idempotency-key': key },
      ),
    async read<T>(token: string, path: string) {
      const { status, text } = await api.call(token, 'GET', path);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      return JSON.parse(text) as T;
    },
    rows: <T>(accountId: string, query: string, values: unknown[] = []) =>
      inAccount(api.pool, accountId, async (tx) => {
        const { rows } = await tx.query(query, [accountId, ...values]);
        return rows as T[];
      }),
    async close() {
      await local.close();
      await api.close();
    },
  };
  return made;
}
