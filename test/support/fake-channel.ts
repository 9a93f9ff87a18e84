import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Content } from '../../adapters/contract/content.ts';
import { newSecret, postSigned, type Item } from '../../dev/demo/signed-post.ts';
import { startSignedServer, type Reply, type SignedCall } from '../../dev/demo/signed-server.ts';
import { createConditions } from './conditions.ts';

/**
 * The backend of a signed HTTP channel that keeps books: what it was sent, what it accepted, in which order. The oracle
 * of every test about lost, doubled and overtaken messages.
 */
export async function startFakeChannel(options: FakeChannelOptions = {}): Promise<FakeChannel> {
  const { idempotency = 'key', secret = newSecret() } = options;
  const books = createBooks();
  const queued: Answer[] = [];
  let plan: Plan | null = null;
  /** One after the other, whatever becomes of each. */
  let receipts = Promise.resolve();
  let webhookUrl = options.webhookUrl ?? null;

  const webhook = (items: Item | Item[], id?: string) => {
    if (webhookUrl === null) throw new Error('connect() the channel first');
    return postSigned(webhookUrl, secret, items, id);
  };
  const receipt = async ({ id, key }: Pick<Delivery, 'id' | 'key'>, status: ReceiptStatus, failureClass?: string) => {
    await webhook({ type: `receipt.${status}`, data: { id, key, ...(failureClass && { class: failureClass }) } });
  };

  const accept = (sent: MessageSend): Delivery => {
    const [known] = books.byKey(sent.key);
    if (known && idempotency === 'key') return known;
    const { contact, content } = sent;
    const delivery = { ...sent, contactId: contact.id, id: `provider-${randomUUID()}`, text: content.text ?? '' };
    books.enter(delivery);
    if (webhookUrl !== null)
      receipts = (options.receipts ?? []).reduce(
        (before, status) => before.then(() => receipt(delivery, status)).catch(() => undefined),
        receipts,
      );
    return delivery;
  };

  const onCall = async ({ id, type, data }: SignedCall): Promise<Reply> => {
    if (type !== 'message.send') return { status: 404 };
    const read = messageSend.safeParse(data);
    if (!read.success || read.data.key !== id) return { status: 400 };
    const sent = read.data as MessageSend;
    const attempt = { key: sent.key, thread: sent.thread, no: books.attemptsOf(sent.key) + 1 };
    const answer = queued.shift() ?? (await plan?.(attempt)) ?? 'accept';
    books.note(attempt, answer);
    if (typeof answer === 'object') return answer;
    if (answer === 'hang' || answer === 'drop') return answer;
    const { id: providerId } = accept(sent);
    if (answer === 'accept-and-drop') return 'drop';
    if (answer === 'accept-and-hang') return 'hang';
    return { status: 200, body: { id: providerId } };
  };

  const server = await startSignedServer({ secret, port: options.port ?? 0, onCall });
  return {
    ...server,
    secret,
    books,
    connect: (url) => void (webhookUrl = url),
    next: (...answers) => void queued.push(...answers),
    plan: (chosen) => void (plan = chosen),
    webhook,
    receipt,
    receiptsSent: () => receipts,
    say: ({ thread, text, id = randomUUID(), contact = { id: thread }, ...rest }) =>
      webhook({ type: 'message.received', data: { id, thread, contact, content: { text, ...rest } } }),
    cancel: (thread) => webhook({ type: 'message.cancelled', data: { id: randomUUID(), thread } }),
  };
}

export interface FakeChannelOptions {
  secret?: string;
  port?: number;
  /** Baton's address for this channel; or later, by `connect`. */
  webhookUrl?: string;
  /** `none`: a repeated key is delivered again. */
  idempotency?: 'key' | 'none';
  /** Sent by itself after each delivery, in order. */
  receipts?: ReceiptStatus[];
}

export interface FakeChannel {
  /** For the channel's settings. */
  readonly url: string;
  readonly secret: string;
  readonly books: Books;
  connect(webhookUrl: string): void;
  /** What the next calls get, one each. */
  next(...answers: Answer[]): void;
  /** What every call gets; null (the plan, or its answer): accepted. */
  plan(plan: Plan | null): void;
  /** Any items, signed; `id` to send the very same webhook again. */
  webhook(items: Item | Item[], id?: string): Promise<{ status: number; body: unknown }>;
  /** A customer writes. The contact's id is the thread, if none is given. */
  say(message: {
    thread: string;
    text: string;
    id?: string;
    contact?: { id: string; name?: string; phones?: string[]; emails?: string[]; pageUrl?: string };
    payload?: string;
  }): Promise<{ status: number; body: unknown }>;
  cancel(thread: string): Promise<{ status: number; body: unknown }>;
  receipt(delivery: Pick<Delivery, 'id' | 'key'>, status: ReceiptStatus, failureClass?: string): Promise<void>;
  /** As soon as all receipts that it sends by itself are out. */
  receiptsSent(): Promise<void>;
  /** Calls that have no answer yet, and whose caller is still there. */
  waiting(): number;
  die(): Promise<void>;
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export type ReceiptStatus = 'sent' | 'delivered' | 'read' | 'failed';
export type Answer =
  | 'accept'
  /** Takes the message, and the sender never learns it. */
  | 'accept-and-drop'
  | 'accept-and-hang'
  | 'drop'
  | 'hang'
  | { status: number; headers?: Record<string, string>; body?: unknown };
/** May wait: the channel then answers late. */
export type Plan = (attempt: { key: string; thread: string; no: number }) => Answer | null | Promise<Answer | null>;

export interface Delivery {
  key: string;
  thread: string;
  contactId: string;
  author: { kind: string; name?: string };
  content: Content;
  /** Of the content; empty without one. */
  text: string;
  /** The backend's own id. */
  id: string;
}

export interface Books {
  /** Everything accepted, in order. */
  readonly deliveries: Delivery[];
  /** Everything asked, accepted or not. */
  readonly attempts: { key: string; thread: string; no: number; answer: Answer }[];
  byKey(key: string): Delivery[];
  byThread(thread: string): Delivery[];
  texts(thread: string): string[];
  attemptsOf(key: string): number;
  /** Keys that were delivered more than once. */
  duplicates(): string[];
  /** As soon as the books say so; throws with the last of what they say after `timeoutMs` (10 s). */
  until(condition: (books: Books) => boolean, timeoutMs?: number): Promise<void>;
}

/** What Baton sends, as a backend may rely on it. */
const messageSend = z.object({
  key: z.string().min(1),
  thread: z.string().min(1),
  contact: z.object({ id: z.string().min(1) }),
  author: z.object({ kind: z.enum(['bot', 'agent', 'desk', 'engine']), name: z.string().optional() }),
  content: z.looseObject({ text: z.string().min(1).optional() }),
});

type MessageSend = Pick<Delivery, 'key' | 'thread' | 'author' | 'content'> & { contact: { id: string } };

function createBooks(): Books & {
  enter(delivery: Delivery): void;
  note(attempt: Parameters<Plan>[0], answer: Answer): void;
} {
  const byKey = new Map<string, Delivery[]>();
  const byThread = new Map<string, Delivery[]>();
  const attempts = new Map<string, number>();
  const conditions = createConditions();
  const enterIn = (index: Map<string, Delivery[]>, at: string, delivery: Delivery) => {
    const known = index.get(at);
    if (known) known.push(delivery);
    else index.set(at, [delivery]);
  };

  const books: ReturnType<typeof createBooks> = {
    deliveries: [],
    attempts: [],
    byKey: (key) => byKey.get(key) ?? [],
    byThread: (thread) => byThread.get(thread) ?? [],
    texts: (thread) => books.byThread(thread).map(({ text }) => text),
    attemptsOf: (key) => attempts.get(key) ?? 0,
    duplicates: () => [...byKey].flatMap(([key, all]) => (all.length > 1 ? key : [])),
    enter(delivery) {
      books.deliveries.push(delivery);
      enterIn(byKey, delivery.key, delivery);
      enterIn(byThread, delivery.thread, delivery);
      conditions.check();
    },
    note(attempt, answer) {
      books.attempts.push({ ...attempt, answer });
      attempts.set(attempt.key, attempt.no);
      conditions.check();
    },
    until: (condition, timeoutMs) =>
      conditions.until(
        () => condition(books),
        () => books.deliveries.slice(-20).map(({ thread, text }) => `${thread}: ${text}`),
        timeoutMs,
      ),
  };
  return books;
}
