/** A client of server-sent events: keeps what came, and resumes when it is told to. Waiting is on conditions. */
import { expect } from 'vitest';
import { feedMessage } from '../../api/feed-messages.ts';
import { streamMessage } from '../../api/visitor-messages.ts';
import { createConditions } from '../support/conditions.ts';

export interface SeenEvent<T = unknown> {
  id: string | null;
  event: string;
  data: T;
}

export interface EventClient<T = unknown> {
  readonly url: string;
  /** What came so far, over all connections. */
  readonly seen: SeenEvent<T>[];
  readonly lastId: string | null;
  readonly status: number;
  readonly headers: Headers;
  /** Comments: heartbeats. */
  readonly comments: string[];
  until(condition: (seen: SeenEvent<T>[]) => boolean): Promise<void>;
  /** The server ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
  /** Connects anew with the last id. */
  resume(): Promise<void>;
}

export async function openEvents<T = unknown>(
  url: string,
  headers: Record<string, string>,
  lastId: string | null = null,
): Promise<EventClient<T>> {
  const { check, until } = createConditions();
  const client = { seen: [] as SeenEvent<T>[], lastId, comments: [] as string[] };
  let controller = new AbortController();
  let response: Response;
  let ended: Promise<void> = Promise.resolve();

  const take = (block: string): void => {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [name = '', ...rest] = line.split(':');
      const value = rest.join(':').replace(/^ /, '');
      if (name === '') client.comments.push(value);
      else fields.set(name, name === 'data' && fields.has('data') ? `${fields.get('data')}\n${value}` : value);
    }
    const id = fields.get('id') ?? null;
    if (id !== null) client.lastId = id;
    const data = fields.get('data');
    if (data !== undefined)
      client.seen.push({ id, event: fields.get('event') ?? 'message', data: JSON.parse(data) as T });
    check();
  };

  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    let buffer = '';
    try {
      for await (const chunk of body) {
        const blocks = (buffer + decoder.decode(chunk, { stream: true })).split('\n\n');
        buffer = blocks.pop() ?? '';
        blocks.forEach(take);
      }
    } catch {
      // Closed by us, or the process at the other end died.
    }
  };

  const connect = async (): Promise<void> => {
    controller = new AbortController();
    response = await fetch(url, {
      headers: { ...headers, ...(client.lastId === null ? {} : { 'last-event-id': client.lastId }) },
      signal: controller.signal,
    });
    ended = response.ok && response.body !== null ? read(response.body) : Promise.resolve();
  };

  await connect();
  return {
    url,
    get seen() {
      return client.seen;
    },
    get lastId() {
      return client.lastId;
    },
    get comments() {
      return client.comments;
    },
    get status() {
      return response.status;
    },
    get headers() {
      return response.headers;
    },
    get ended() {
      return ended;
    },
    until: (condition) =>
      until(
        () => condition(client.seen),
        () => client.seen.map((one) => JSON.stringify(one)),
        30_000,
      ),
    close: () => controller.abort(),
    async resume() {
      controller.abort();
      await ended;
      await connect();
    },
  };
}

/** What came is what the document says that comes: nothing of it is missing, and nothing beside. */
function expectDocumented({ url, seen }: EventClient): void {
  const message = url.includes('/v1/feed') ? feedMessage : streamMessage;
  for (const { id, event, data } of seen) {
    const one = id === null ? { event, data } : { id, event, data };
    expect(message.parse(one)).toEqual(one);
  }
}

/** At the end of a test: none is left open, and none has heard what the document doesn't tell. */
export function closeDocumented(open: EventClient[]): void {
  for (const client of open.splice(0)) {
    client.close();
    expectDocumented(client);
  }
}
