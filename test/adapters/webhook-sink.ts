import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RawRequest } from '../../adapters/contract/call.ts';

/** Where our webhook routes would be: hands each request to an adapter's own reading. */
export async function startWebhookSink<T>(read: (request: RawRequest) => T[] | null): Promise<WebhookSink<T>> {
  const items: T[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = request.headers as Record<string, string>;
      const body = Buffer.concat(chunks);
      const found = read({ method: 'POST', headers, query: {}, body, receivedAt: Date.now() });
      items.push(...(found ?? []));
      response.writeHead(found ? 200 : 401).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/c1`,
    items,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export interface WebhookSink<T> {
  url: string;
  /** Everything read, in order. */
  items: T[];
  stop(): Promise<void>;
}
