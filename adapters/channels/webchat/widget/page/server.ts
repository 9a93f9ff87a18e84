/** The way to the API: calls, and the events of a stream. The session's token travels in a header. */
export interface Server {
  call(method: string, path: string, request?: Request): Promise<Response>;
  /** Best effort: nobody misses it. */
  tell(path: string, body: object): void;
}

interface Request {
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export function serverAt(api: string, token: () => string | null): Server {
  const server: Server = {
    call(method, path, { body, headers, signal } = {}) {
      const held = token();
      return fetch(api + path, {
        method,
        headers: {
          ...(held !== null && { authorization: `Bearer ${held}` }),
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(signal && { signal }),
        ...(body && { body: JSON.stringify(body) }),
      });
    },
    tell: (path, body) => void server.call('POST', path, { body }).catch(() => undefined),
  };
  return server;
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The pause before another try. */
export const later = (tries: number): Promise<void> =>
  wait(Math.min(1000 * 2 ** tries, 30_000) * (0.5 + Math.random() / 2));

export interface ServerEvent {
  event?: string;
  id?: string;
  data: unknown;
}

/** Until the stream ends. `silent`: nothing has come for so long that the connection must have died unnoticed. */
export async function* serverEvents(response: Response, silent: () => void): AsyncGenerator<ServerEvent | null> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  while (reader) {
    // The server says something every 15 s.
    const silence = setTimeout(silent, 45_000);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    // It lives, also where it has nothing to say.
    yield null;
    const blocks = (buffer + value).split(/\r?\n\r?\n/);
    buffer = blocks.pop() ?? '';
    for (const block of blocks) yield eventIn(block);
  }
}

function eventIn(block: string): ServerEvent {
  const fields: Record<string, string> = {};
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined) fields[name] = name === 'data' && fields.data ? `${fields.data}\n${value}` : value;
  }
  const { event, id, data = 'null' } = fields;
  return { data: JSON.parse(data), ...(event && { event }), ...(id && { id }) };
}
