/** TLS before a server that speaks none, as a database or a cluster elsewhere has it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type SecureContext, createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { Certificates } from './certificates.ts';

export interface TlsFront {
  port: number;
  close(): Promise<void>;
}

/** Where the traffic goes on, in plain. */
export interface Behind {
  host: string;
  port: number;
}

/** Mutual, from the first byte, as gRPC does it. */
export async function mutualTlsFront({ host, port }: Behind, { ca, server }: Certificates): Promise<TlsFront> {
  const [caPem, cert, key] = await Promise.all([ca, server.cert, server.key].map((path) => readFile(path)));
  const options = { ca: caPem, cert, key, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] };
  return listening(createTlsServer(options, (near) => pass(near, connect(port, host))));
}

/** As Postgres does it: the client asks first. Who does not ask is turned away. */
export async function postgresTlsFront({ host, port }: Behind, { server }: Certificates): Promise<TlsFront> {
  const [cert, key] = await Promise.all([server.cert, server.key].map((path) => readFile(path)));
  const secureContext = createSecureContext({ cert, key });
  return listening(
    createServer((near) => void upgrade(near, secureContext, { host, port }).catch(() => near.destroy())),
  );
}

/** postgresql.org/docs/current/protocol-message-formats.html, SSLRequest: length 8, code 80877103. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

async function upgrade(near: Socket, secureContext: SecureContext, { host, port }: Behind): Promise<void> {
  near.on('error', () => near.destroy());
  const [first] = (await once(near, 'data')) as [Buffer];
  if (!first.equals(sslRequest)) {
    near.destroy();
    return;
  }
  near.write('S');
  pass(new TLSSocket(near, { isServer: true, secureContext }), connect(port, host));
}

function pass(near: Socket, far: Socket): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => one.destroy()).on('close', () => other.destroy());
  }
  near.pipe(far).pipe(near);
}

async function listening(server: Server): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
