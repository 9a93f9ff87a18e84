import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that does one thing to whoever calls, whatever is asked, and keeps the calls. */
export async function startMisbehavingServer(): Promise<MisbehavingServer> {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  let behaviour: Behaviour = { status: 200 };
  const closings: (() => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const now = behaviour;
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      waiting.splice(0).forEach((resume) => resume());
      if (now === 'hang') return;
      if (now === 'drop') return void response.socket?.destroy();
      if (now === 'drop-behind-early-hints') {
        response.writeEarlyHints({ link: '</a>; rel=preload' }, () => response.socket?.destroy());
        return;
      }
      if (now === 'drop-behind-status' || now === 'hang-behind-status') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"id":', () => (now === 'drop-behind-status' ? response.socket?.destroy() : undefined));
        return;
      }
      response.writeHead(now.status, now.headers);
      response.end(now.body);
    });
  });
  server.on('connection', (socket) => socket.on('close', () => closings.splice(0).forEach((resume) => resume())));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/in?from=baton`,
    received,
    behave: (next) => void (behaviour = next),
    nextCall: () => new Promise((resolve) => waiting.push(resolve)),
    nextClosing: () => new Promise((resolve) => closings.push(resolve)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export type Behaviour =
  | { status: number; headers?: Record<string, string>; body?: string }
  | 'hang'
  | 'drop'
  | 'drop-behind-early-hints'
  | 'hang-behind-status'
  | 'drop-behind-status';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

export interface MisbehavingServer {
  url: string;
  received: Received[];
  behave(next: Behaviour): void;
  /** As soon as one more call has been read to its end. */
  nextCall(): Promise<void>;
  /** As soon as a connection has closed. */
  nextClosing(): Promise<void>;
  stop(): Promise<void>;
}
