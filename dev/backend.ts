import { randomUUID } from 'node:crypto';
import type { Content } from '../adapters/contract/content.ts';
import { postSigned } from './demo/signed-post.ts';
import { type Reply, type SignedCall, startSignedServer, type UnsignedCall } from './demo/signed-server.ts';

/**
 * A backend with an app of its own, connected by the signed HTTP channel. Its customers are moved by plain HTTP from this
 * machine:
 *
 *     GET  /     what was said, by thread
 *     POST /say  {"thread", "text"}   the customer of that thread writes
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { secret, port, webhookUrl } = options;
  const threads = new Map<string, Line[]>();
  const add = (thread: string, line: Line) => threads.set(thread, [...(threads.get(thread) ?? []), line]);
  const taken = new Set<string>();

  const onCall = ({ id, type, data }: SignedCall): Reply => {
    if (type !== 'message.send') return { status: 404 };
    const { thread, author, content } = data as { thread: string; author: { kind: string }; content: Content };
    // Two calls with one id are one message: what Baton repeats has one effect here.
    if (!taken.has(id)) add(thread, { from: author.kind, text: content.text ?? '' });
    taken.add(id);
    return { status: 200, body: { id } };
  };

  const onUnsigned = async ({ method, path, body }: UnsignedCall): Promise<Reply> => {
    if (method === 'GET' && path === '/') return { status: 200, body: Object.fromEntries(threads) };
    if (method !== 'POST' || path !== '/say') return { status: 404 };
    const { thread, text } = (body ?? {}) as { thread?: unknown; text?: unknown };
    if (typeof thread !== 'string' || typeof text !== 'string') return { status: 400 };
    add(thread, { from: 'customer', text });
    const message = { id: randomUUID(), thread, contact: { id: thread }, content: { text } };
    const { status } = await postSigned(webhookUrl, secret, { type: 'message.received', data: message });
    return { status: status < 300 ? 200 : 502, body: { baton: status } };
  };

  const server = await startSignedServer({ secret, port, onCall, onUnsigned });
  return { url: server.url, stop: server.stop };
}

export interface BackendOptions {
  /** Of the channel. */
  secret: string;
  port: number;
  /** Baton's address for the channel. */
  webhookUrl: string;
}

export interface Backend {
  url: string;
  stop(): Promise<void>;
}

interface Line {
  from: string;
  text: string;
}
