/**
 * What stands before several API processes, as load balancers do: it sends a request to one that is ready, over connections
 * that it keeps, and to the next where nobody listens. A request that may have begun is never sent again: then its client
 * gets a 502, and must decide.
 */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Targets, watchTargets } from './targets.ts';

export interface Front {
  readonly url: string;
  /** The addresses to choose from. Once. */
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
  let targets: Targets | null = null;
  let interceptor: Interceptor | null = null;
  const agent = new Agent({ keepAlive: true });

  const pass = async (call: Passing, response: ServerResponse): Promise<void> => {
    for (const target of targets?.inTurn() ?? []) if (await forward(agent, target, call, response)) return;
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
    leadTo: (urls) => void (targets = watchTargets(urls)),
    intercept: (by) => void (interceptor = by),
    async stop() {
      server.close();
      server.closeAllConnections();
      await targets?.stop();
      agent.destroy();
    },
  };
}

/** Of a connection: it says nothing of the other side's. */
const without = ({ connection: _, 'keep-alive': __, ...headers }: IncomingMessage['headers']) => headers;

/** False: nobody listens there, so nothing has begun. */
function forward(agent: Agent, target: string, call: Passing, response: ServerResponse): Promise<boolean> {
  const { method, path, body } = call;
  return new Promise((resolve) => {
    const outgoing = httpRequest(
      new URL(path, target),
      { method, headers: without(call.headers), agent },
      (incoming) => {
        response.writeHead(incoming.statusCode ?? 502, without(incoming.headers));
        incoming.pipe(response);
        incoming.once('error', () => response.destroy());
        resolve(true);
      },
    );
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
