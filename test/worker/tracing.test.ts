/** OpenTelemetry as an operator has it: a collector is named, and the processes tell it what took how long, and no word. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../dev/servers/ports.ts';
import { createConditions } from '../support/conditions.ts';
import { install, type Installation } from '../support/installation.ts';
import { type InstalledAccount, openAccountOf } from '../support/installed-account.ts';
import { required } from '../support/required.ts';

interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: Record<string, string | number>;
}

interface Collector {
  url: string;
  /** Waits for one of this name, and this conversation where it is named. */
  span(name: string, conversation?: string): Promise<Span>;
  /** All that it was sent. */
  text(): string;
  close(): void;
}

let collector: Collector;
let installation: Installation;
let account: InstalledAccount;
let metrics: string;
beforeAll(async () => {
  collector = await startCollector();
  metrics = `127.0.0.1:${(await freePorts())[0]}`;
  installation = await install({
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=canary',
      BATON_TEMPORAL_METRICS: metrics,
    },
  });
  account = await openAccountOf(installation, { script: () => ({ messages: [{ text: 'words of the bot' }] }) });
}, 120_000);
afterAll(async () => {
  await account.close();
  await installation.stop();
  collector.close();
});

test('a message is seen from the webhook to the channel, by its conversation, and no word of it', async () => {
  expect((await account.channel.say({ thread: 'thread-1', text: 'words of the customer', id: 'first' })).status).toBe(
    200,
  );
  await account.channel.books.until((books) => books.texts('thread-1').length > 0);
  const conversation = required((await account.conversations()).get('thread-1'));
  const webhook = await collector.span('POST /v1/webhooks/:accountId/:channelId');
  expect(webhook).toMatchObject({
    service: 'baton-api',
    attributes: { 'http.response.status_code': 200, 'deployment.environment.name': 'canary' },
  });
  expect(webhook.attributes['baton.request']).toMatch(/^[0-9a-f-]{36}$/);
  expect((await collector.span('courier batch', conversation)).attributes).toMatchObject({ 'baton.rows': 1 });
  for (const activity of ['record', 'askBot', 'sendMessage']) {
    const span = await collector.span(`activity ${activity}`, conversation);
    expect(span).toMatchObject({ service: 'baton-worker', attributes: { 'baton.account': account.accountId } });
  }
  expect(collector.text()).not.toMatch(/words of|thread-1/);
});

test('a command is part of its request, and the request of the caller’s trace', async () => {
  const conversation = required((await account.conversations()).get('thread-1'));
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const path = `/v1/conversations/${conversation}/actions/resolve`;
  await fetch(`${installation.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${account.key}`,
      'content-type': 'application/json',
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: '{}',
  });
  const command = await collector.span('command Resolve', conversation);
  const request = await collector.span('POST /v1/conversations/:conversationId/actions/resolve', conversation);
  expect(request).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
  expect(command).toMatchObject({ traceId, parentSpanId: request.spanId });
});

test('the SDK’s own metrics are served where the setting says', async () => {
  const text = await (await fetch(`http://${metrics}/metrics`)).text();
  expect(text).toMatch(/^temporal_worker_task_slots_available\{/m);
});

async function startCollector(): Promise<Collector> {
  const { check, until } = createConditions();
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      check();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const find = (name: string, conversation?: string): Span | undefined =>
    bodies
      .flatMap(spansIn)
      .find(
        (span) =>
          span.name === name &&
          (conversation ?? span.attributes['baton.conversation']) === span.attributes['baton.conversation'],
      );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async span(name, conversation) {
      const names = (): string[] => bodies.flatMap(spansIn).map((span) => span.name);
      await until(() => find(name, conversation) !== undefined, names, 20_000);
      return required(find(name, conversation));
    },
    text: () => bodies.join('\n'),
    close: () => server.close(),
  };
}

type Value = { stringValue?: string; intValue?: number };
interface Attribute {
  key: string;
  value: Value;
}
interface Exported {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: (Omit<Span, 'service' | 'attributes'> & { attributes: Attribute[] })[] }[];
  }[];
}

/** OTLP's JSON: opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
function spansIn(body: string): Span[] {
  const plain = (attributes: Attribute[]): Span['attributes'] =>
    Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? '']));
  return (JSON.parse(body) as Exported).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const { 'service.name': service, ...more } = plain(resource.attributes);
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({ ...span, service: String(service), attributes: { ...more, ...plain(span.attributes) } }));
  });
}
