/** A way to Temporal on which a test holds up a call: what a worker answers is then still to come, for as long as it likes. */
import { once } from 'node:events';
import {
  type ClientHttp2Stream,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createGate, type Gate } from './gate.ts';

export interface HoldableWay {
  readonly address: string;
  /** The next call of this method of the service comes to this gate; those after it pass. */
  hold(method: string): Gate;
  close(): Promise<void>;
}

/** `address`: host and port of a gRPC server without TLS. */
export async function holdableWayTo(address: string): Promise<HoldableWay> {
  const held = new Map<string, Gate>();
  const far = connect(`http://${address}`);
  const near = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => near.add(session.on('close', () => near.delete(session))));
  server.on('stream', (stream, headers) => {
    const method = headers[':path']?.split('/').at(-1) ?? '';
    const gate = held.get(method);
    held.delete(method);
    const pass = (): void => {
      if (!stream.destroyed) passOn(stream, far.request(headers));
    };
    if (gate) void gate.pass().then(pass);
    else pass();
  });
  server.listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(far, 'connect')]);
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(method) {
      const gate = createGate();
      held.set(method, gate);
      return gate;
    },
    async close() {
      near.forEach((session) => session.destroy());
      far.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** gRPC says in the trailers how a call went, or in the headers if there is nothing else. */
function passOn(stream: ServerHttp2Stream, far: ClientHttp2Stream): void {
  let trailers: IncomingHttpHeaders = {};
  stream.pipe(far);
  far.on('trailers', (last: IncomingHttpHeaders) => (trailers = last));
  far.on('response', (headers) => {
    if (stream.destroyed) return;
    stream.respond(headers, far.endAfterHeaders ? { endStream: true } : { waitForTrailers: true });
    far.pipe(stream);
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.on('error', () => far.destroy()).on('close', () => far.destroy());
  far.on('error', () => stream.destroy());
}
