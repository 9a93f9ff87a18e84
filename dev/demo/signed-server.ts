import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { AddressInfo, Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';

/**
 * The receiving side of our signed calls, as somebody else would write it: checks with the Standard Webhooks library
 * itself, not with our code. Demo bot, demo desk and the fakes of the tests stand on it. Listens on 127.0.0.1.
 */
export async function startSignedServer(options: {
  secret: string;
  port?: number;
  onCall: (call: SignedCall) => Reply | Promise<Reply>;
  /** Calls without a signature, such as a person's with curl; without this they get a 401. */
  onUnsigned?: (call: UnsignedCall) => Reply | Promise<Reply>;
}): Promise<SignedServer> {
  const webhook = new Webhook(options.secret);
  const sockets = new Set<Socket>();
  let waiting = 0;

  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const body = await read(request);
    if (!request.headers['webhook-signature']) {
      const call = unsigned(request, body);
      return call ? ((await options.onUnsigned?.(call)) ?? { status: 401 }) : { status: 400 };
    }
    try {
      webhook.verify(body, request.headers as Record<string, string>);
    } catch {
      return { status: 401 };
    }
    const { type, data } = JSON.parse(body.toString()) as { type: string; data: unknown };
    return options.onCall({ id: String(request.headers['webhook-id']), type, data });
  };

  const server = createServer((request, response) => {
    waiting += 1;
    response.once('close', () => (waiting -= 1));
    answer(request).then(
      (reply) => respond(response, reply),
      (error: unknown) => {
        console.error(error);
        respond(response, { status: 500 });
      },
    );
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    sockets.forEach((socket) => socket.destroy());
    await closed;
    await turn();
  };

  const port = await listen(options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    waiting: () => waiting,
    die: close,
    revive: async () => void (await listen(port)),
    stop: close,
  };
}

export interface SignedServer {
  url: string;
  /** Calls that have no answer yet, and whose caller is still there. */
  waiting(): number;
  /** Refuses connections and cuts those that are open, until `revive`, which listens at the same address. */
  die(): Promise<void>;
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export interface SignedCall {
  /** `webhook-id` */
  id: string;
  type: string;
  data: unknown;
}

export interface UnsignedCall {
  method: string;
  path: string;
  /** Parsed JSON; undefined without one. */
  body: unknown;
}

/** `hang`: never answers. `drop`: cuts the connection. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | 'hang' | 'drop';

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function unsigned(request: IncomingMessage, body: Buffer): UnsignedCall | null {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  try {
    const parsed: unknown = body.length === 0 ? undefined : JSON.parse(body.toString());
    return { method: request.method ?? 'GET', path: pathname, body: parsed };
  } catch {
    return null;
  }
}

function respond(response: ServerResponse, reply: Reply): void {
  if (reply === 'drop') return void response.socket?.destroy();
  if (reply === 'hang') return;
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
}
