import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * Ports of 127.0.0.1 that were free a moment ago. Somebody may take one before the server does, so whoever starts
 * a server tries again when its port is taken, and makes sure of whom it talks to.
 */
export async function freePortsOf(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(listen));
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  return ports;
}

export async function freePorts(): Promise<[number, number]> {
  const [one = 0, other = 0] = await freePortsOf(2);
  return [one, other];
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
