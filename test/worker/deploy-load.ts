/**
 * Customers who write and wait for the bot's echo, again and again, while an agent tags their chats; and others who have
 * written once and say no more.
 */
import { v7 as uuid } from 'uuid';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import type { ActorStack } from '../support/actor-stack.ts';
import { createConditions } from '../support/conditions.ts';
import { required } from '../support/required.ts';

export interface Load {
  /** Of all conversations, those that are silent too. */
  readonly ids: ActorId[];
  /** Each conversation that is not silent has so many more echoes than now. */
  goesOn(more: number): Promise<void>;
  /** All say something once more; resolves when each has heard the echo. */
  say(): Promise<void>;
  /** Resolves when all that was written has been answered. */
  stop(): Promise<void>;
  /** What each customer wrote, and what they heard. */
  books(): { written: string[]; heard: string[] }[];
}

const limitMs = 60_000;

export async function startLoad(stack: ActorStack, count: { talking: number; silent: number }): Promise<Load> {
  const account = await stack.account();
  const by = { kind: 'agent' as const, agentId: required(account.agentIds[0]) };
  const conditions = createConditions();
  const threads = Array.from({ length: count.talking + count.silent }, () => uuid());
  const talking = threads.slice(0, count.talking);
  const books = new Map(threads.map((thread) => [thread, { written: [] as string[], heard: [] as string[] }]));
  const bookOf = (thread: string) => required(books.get(thread));
  const ids: ActorId[] = [];
  let stopped = false;

  stack.bot.answer = ({ event }) => ({
    messages: event.type === 'messages' ? event.messages.map(({ content }) => ({ text: content.text ?? '' })) : [],
    handover: null,
    intake: null,
  });
  stack.channel.hear = async ({ thread, content }) => {
    bookOf(thread).heard.push(content.text ?? '');
    conditions.check();
  };

  const until = (isSo: () => boolean): Promise<void> =>
    conditions.until(isSo, () => threads.map((thread) => JSON.stringify(bookOf(thread))), limitMs);
  const say = async (thread: string): Promise<ActorId> => {
    const { written, heard } = bookOf(thread);
    const text = `${written.length + 1}`;
    written.push(text);
    const { conversationId } = await stack.write(account, thread, text);
    await until(() => heard.length >= written.length);
    return { accountId: account.accountId, conversationId: required(conversationId) };
  };
  const talk = async (thread: string, id: ActorId): Promise<void> => {
    while (!stopped) {
      const tag = { key: uuid(), by, add: [uuid(), uuid()], remove: [] };
      await Promise.all([say(thread), stack.commands.execute(id, 'Tag', tag)]);
    }
  };

  ids.push(...(await Promise.all(threads.map(say))));
  const talks = Promise.all(talking.map((thread, index) => talk(thread, required(ids[index]))));
  talks.catch(() => undefined); // whoever waits for the load is told
  return {
    ids,
    async goesOn(more) {
      const wanted = talking.map((thread) => bookOf(thread).heard.length + more);
      const isSo = () => talking.every((thread, index) => bookOf(thread).heard.length >= required(wanted[index]));
      await Promise.race([until(isSo), talks]);
    },
    async say() {
      await Promise.all(threads.map(say));
    },
    async stop() {
      stopped = true;
      await talks;
    },
    books: () => [...books.values()],
  };
}
