/**
 * What stands before several API processes: sends a request to one of those that listen, and to the next where none does.
 * A request that may have begun is never sent again: then its client gets a 502, and must decide.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface Front {
  readonly url: string;
  /** The addresses to choose from, in turn. */
  leadTo(urls: string[]): void;
  /** Stands in for the API; false: it goes on to the API. For planted defects. */
  intercept(by: Interceptor | null): void;
  stop(): Promise<void>;
}

export type Interceptor = (call: Passing, answer: (status: number, body: object) => void) => boolean;

export interface Passing {
  method: string;
  path: string;
  /** May be changed before it goes on. */
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export async function startFront(): Promise<Front> {
  let targets: string[] = [];
  let interceptor: Interceptor | null = null;
  let turn = 0;

  const pass = async (call: Passing, response: ServerResponse): Promise<void> => {
    turn += 1;
    for (let at = 0; at < targets.length; at += 1) {
      const target = targets[(turn + at) % targets.length];
      if (target !== undefined && (await forward(target, call, response))) return;
    }
    answer(response, 502, { detail: 'nobody listens' });
  };

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const call = { method: request.method ?? 'GET', path: request.url ?? '/', headers: request.headers, body };
      if (interceptor?.(call, (status, said) => answer(response, status, said))) return undefined;
      return pass(call, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    leadTo: (urls) => void (targets = urls),
    intercept: (by) => void (interceptor = by),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** False: nobody listens there, so nothing has begun. */
function forward(target: string, { method, path, headers, body }: Passing, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const outgoing = httpRequest(new URL(path, target), { method, headers, agent: false }, (incoming) => {
      response.writeHead(incoming.statusCode ?? 502, incoming.headers);
      incoming.pipe(response);
      incoming.once('error', () => response.destroy());
      resolve(true);
    });
    response.once('close', () => outgoing.destroy());
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return resolve(false);
      if (response.headersSent) response.destroy();
      else answer(response, 502, { detail: 'the connection broke' });
      return resolve(true);
    });
    outgoing.end(body);
  });
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
