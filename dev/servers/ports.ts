import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * Two ports of 127.0.0.1 that were free a moment ago. Somebody may take one before the server does, so whoever starts
 * a server tries again when its port is taken, and makes sure of whom it talks to.
 */
export async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports: [number, number] = [await listen(servers[0]), await listen(servers[1])];
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  return ports;
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
