/** The worker's own small HTTP: alive, ready (with the reason where not), metrics. */
import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

export interface HealthOptions {
  host: string;
  /** 0: the system chooses. */
  port: number;
  registry: Registry;
  /** Why the worker is not ready; null: it is. */
  notReady(): Promise<string | null>;
}

export async function serveHealth({ host, port, registry, notReady }: HealthOptions): Promise<Server> {
  const answer = async (path: string): Promise<{ status: number; body: string }> => {
    if (path === '/livez') return { status: 200, body: 'alive' };
    if (path === '/metrics') return { status: 200, body: await registry.metrics() };
    if (path !== '/readyz') return { status: 404, body: 'not found' };
    const reason = await notReady();
    return reason === null ? { status: 200, body: 'ready' } : { status: 503, body: reason };
  };
  const server = createServer((request, response) => {
    void answer(request.url ?? '')
      .catch(() => ({ status: 500, body: 'failed' }))
      .then(({ status, body }) => response.writeHead(status, { 'content-type': 'text/plain' }).end(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
