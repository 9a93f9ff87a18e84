/**
 * Who is to look when something commits anywhere: one listening connection for all clients of the process. A wake-up says
 * nothing but "look"; whoever waits also looks by themselves from time to time.
 */
import { z } from 'zod';
import type { Pool } from '../store/connection.ts';
import { listen, type Listener } from '../store/listen.ts';
import type { Typing } from '../store/visitor-stream.ts';

export interface WakeUps {
  /** Something of the account's feed has committed. */
  onFeed(accountId: string, look: () => void): () => void;
  /** Something of a visitor's stream has committed. */
  onVisitor(topic: string, look: () => void): () => void;
  onTypingOfVisitor(accountId: string, told: (typing: Typing) => void): () => void;
  onTypingOfAgent(topic: string, told: (typing: Typing) => void): () => void;
  close(): Promise<void>;
}

const typingSchema = z.object({
  accountId: z.string(),
  conversationId: z.string(),
  from: z.enum(['visitor', 'agent']),
  on: z.boolean(),
  agentId: z.string().nullable(),
  groupId: z.string().nullable(),
  botId: z.string().nullable(),
  topic: z.string(),
}) satisfies z.ZodType<Typing>;

/** `lost`: it could not listen, and tries again; meanwhile clients look by themselves. */
export function createWakeUps(pool: Pool, lost: (error: unknown) => void): WakeUps {
  const feeds = createTopics<void>();
  const visitors = createTopics<void>();
  const typingOfVisitors = createTopics<Typing>();
  const typingOfAgents = createTopics<Typing>();
  let listener: Listener | null = null;

  const heard = (channel: string, payload: string): void => {
    if (channel === 'baton_feed') feeds.tell(payload);
    if (channel === 'baton_visitor') visitors.tell(payload);
    if (channel === 'baton_typing') onTyping(payload);
  };

  const onTyping = (payload: string): void => {
    const typing = readTyping(payload);
    if (typing?.from === 'visitor') typingOfVisitors.tell(typing.accountId, typing);
    if (typing?.from === 'agent') typingOfAgents.tell(typing.topic, typing);
  };

  /** Nobody listens for nobody: the connection is taken when the first client comes. */
  const from =
    <T>(topics: Topics<T>) =>
    (topic: string, told: (news: T) => void) => {
      listener ??= listen({
        pool,
        channels: ['baton_feed', 'baton_visitor', 'baton_typing'],
        heard,
        listening: () => {
          feeds.tellAll();
          visitors.tellAll();
        },
        failed: lost,
      });
      return topics.add(topic, told);
    };

  return {
    onFeed: from(feeds),
    onVisitor: from(visitors),
    onTypingOfVisitor: from(typingOfVisitors),
    onTypingOfAgent: from(typingOfAgents),
    close: async () => listener?.stop(),
  };
}

interface Topics<T> {
  add(topic: string, told: (news: T) => void): () => void;
  tell(topic: string, news: T): void;
  tellAll(this: Topics<void>): void;
}

function createTopics<T>(): Topics<T> {
  const listeners = new Map<string, Set<(news: T) => void>>();
  return {
    add(topic, told) {
      const all = listeners.get(topic) ?? new Set();
      listeners.set(topic, all.add(told));
      return () => {
        all.delete(told);
        if (all.size === 0 && listeners.get(topic) === all) listeners.delete(topic);
      };
    },
    tell(topic, news) {
      for (const told of listeners.get(topic) ?? []) told(news);
    },
    tellAll() {
      for (const topic of listeners.keys()) this.tell(topic);
    },
  };
}

function readTyping(payload: string): Typing | null {
  try {
    return typingSchema.safeParse(JSON.parse(payload)).data ?? null;
  } catch {
    return null;
  }
}
