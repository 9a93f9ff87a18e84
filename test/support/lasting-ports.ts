/**
 * Ports for servers that are killed and come back where they were: not from the range (Linux: from 32,768 on, others higher) out
 * of which the system gives one to each connection that goes out, for that may be gone while nobody listens there.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const first = 20_000;
const firstOfConnections = 32_768;

export async function lastingPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(first, firstOfConnections);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
