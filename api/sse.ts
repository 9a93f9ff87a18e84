/**
 * Server-sent events to many clients, some of them slow. One message at a time is on its way to a client, and the next is
 * read only when the socket has taken it: a slow client costs one message of memory, a stuck one its connection.
 */
import { fastifySSE } from '@fastify/sse';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';

export interface StreamMessage {
  /** Where a client resumes that has seen this. */
  id?: string;
  event?: string;
  /** Without it the client only takes note of `id`. */
  data?: unknown;
}

/** In the schema of a route that a client comes back to. */
export const lastEventId = (described: string) =>
  z.looseObject({ 'last-event-id': z.string().optional().describe(described) });

/** The response of such a route. A document can show a stream only by what each of its messages is, once it is parsed. */
export const eventStream = (message: z.ZodType) => ({
  description:
    'Server-sent events without end. Each, with its `data` parsed as JSON, is one of these; those without an `id` are not ' +
    'come back to. A message of an `id` alone moves the place on. A comment every 15 s keeps the connection alive.',
  content: { 'text/event-stream': { schema: message } },
});

export interface EventStream {
  /** Settles when the client is gone, or was sent away. */
  readonly closed: Promise<void>;
  readonly isOpen: boolean;
  /** False: the client is gone. */
  send(message: StreamMessage): Promise<boolean>;
  /** Nobody misses it: left out where the socket is full. */
  tell(message: StreamMessage): void;
  end(): void;
}

export interface EventStreams {
  open(reply: FastifyReply): EventStream;
  /** The process drains: clients come back to another one. */
  endAll(): void;
}

/** Proxies close connections on which nothing happens. */
const heartbeatMs = 15_000;

/** To be called once for the plugin (or app) that holds routes with `sse: 'manual'`. */
export async function serveEvents(app: FastifyInstance): Promise<void> {
  await fastifySSE(app, { heartbeatInterval: heartbeatMs });
}

/** `patienceMs`: a client that takes nothing for so long has gone unnoticed. */
export function createEventStreams(patienceMs = 30_000): EventStreams {
  const streams = new Set<EventStream>();
  return {
    open(reply) {
      const stream = openStream(reply, patienceMs);
      streams.add(stream);
      void stream.closed.then(() => streams.delete(stream));
      return stream;
    },
    endAll() {
      for (const stream of streams) stream.end();
    },
  };
}

function openStream(reply: FastifyReply, patienceMs: number): EventStream {
  const { sse, raw } = reply;
  let gone = (): void => undefined;
  const closed = new Promise<void>((resolve) => (gone = resolve));
  sse.onClose(gone);
  if (!sse.isConnected) gone();
  let corked = false;
  /** What is sent one after the other leaves in one packet. */
  const gather = (): void => {
    if (corked) return;
    corked = true;
    raw.cork();
    setImmediate(() => {
      corked = false;
      raw.uncork();
    });
  };
  const send = async (message: StreamMessage): Promise<boolean> => {
    if (!sse.isConnected) return false;
    gather();
    const stuck = setTimeout(() => raw.destroy(), patienceMs);
    const written = sse.send({ ...message, data: message.data }).then(
      () => true,
      () => false,
    );
    // The plugin waits for ever for a socket that closes while it is full.
    const sent = await Promise.race([written, closed.then(() => false)]);
    clearTimeout(stuck);
    return sent;
  };
  return {
    closed,
    get isOpen() {
      return sse.isConnected;
    },
    send,
    tell(message) {
      if (!raw.writableNeedDrain) void send(message);
    },
    end() {
      sse.close();
    },
  };
}
