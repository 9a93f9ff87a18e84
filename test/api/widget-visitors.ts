/** Visitors of a web chat, as its script speaks for them to the API. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Account, type ConversationApi, createConversationApi } from './conversation-api.ts';
import { closeDocumented, type EventClient, openEvents } from './event-source.ts';
import type { Answer } from './test-api.ts';

export interface Message {
  id: string;
  place: number;
  author: { kind: string; name?: string };
  content: { text?: string };
  clientMessageId?: string;
}

interface History {
  items: Message[];
  cursor: number;
  readUpTo: string | null;
}

export interface Visitors {
  api: ConversationApi;
  url: string;
  /** An account with a web chat. */
  chat(settings?: object): Promise<Account>;
  session(of: Account, more?: object, headers?: Record<string, string>): Promise<Answer>;
  tokenOf(account: Account, more?: object): Promise<string>;
  /** Resolves when all that follows from it is done. */
  write(account: Account, token: string, text: string, clientMessageId?: string): Promise<Answer>;
  history(token: string, after?: number): Promise<History>;
  /** A stream that has begun, or was refused; closed behind the test. */
  follow(token: string, lastId?: string | null): Promise<EventClient<Message>>;
}

const usual = { allowedOrigins: ['https://shop.example'], title: 'Ask us' };

/** `api` and `url` are there from the file's own `beforeAll` on. */
export function withVisitors(): Visitors {
  const open: EventClient[] = [];
  const visitors = {
    chat: (settings = usual) => visitors.api.ready({ channelType: 'webchat', channelSettings: settings }),
    session: ({ accountId, channelId }, more = {}, headers = {}) =>
      visitors.api.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId, ...more }, headers),
    tokenOf: async (account, more = {}) => (await visitors.session(account, more)).body.token,
    async write(account, token, text, clientMessageId = uuid()) {
      const answer = await visitors.api.call(token, 'POST', '/v1/widget/messages', { clientMessageId, text });
      await visitors.api.actors.settle(account.accountId);
      return answer;
    },
    history: (token, after = 0) => visitors.api.read<History>(token, `/v1/widget/messages?after=${after}`),
    async follow(token, lastId = null) {
      const headers = { authorization: `Bearer ${token}` };
      const client = await openEvents<Message>(`${visitors.url}/v1/widget/events`, headers, lastId);
      open.push(client);
      await client.until((seen) => client.status !== 200 || seen.length > 0);
      return client;
    },
  } as Visitors;
  beforeAll(async () => {
    visitors.api = await createConversationApi();
    visitors.url = await visitors.api.app.listen({ port: 0 });
  });
  afterEach(() => closeDocumented(open));
  afterAll(() => visitors.api.close());
  return visitors;
}

/** The words of the messages in a stream. */
export const shown = (client: EventClient<Message>): string[] =>
  client.seen.flatMap(({ event, data }) => (event === 'message' ? [data.content.text ?? ''] : []));
