/** The worker's own small HTTP: alive, ready (with the reasons where not), metrics. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Reasons } from './readiness.ts';

export interface HealthOptions {
  host: string;
  /** 0: the system chooses. */
  port: number;
  registry: Registry;
  /** Why the worker is not ready; empty: it is. */
  reasons(): Promise<Reasons>;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

export async function serveHealth(options: HealthOptions): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    void answer(options, request.url ?? '')
      .catch(() => json(500, { status: 'failed' }))
      .then(({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, server };
}

async function answer({ registry, reasons }: HealthOptions, path: string): Promise<Answer> {
  switch (path) {
    case '/livez':
      return json(200, { status: 'ok' });
    case '/readyz': {
      const against = await reasons();
      const ready = Object.keys(against).length === 0;
      return json(ready ? 200 : 503, { ready, reasons: against });
    }
    case '/metrics':
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    default:
      return json(404, { status: 'not found' });
  }
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}
