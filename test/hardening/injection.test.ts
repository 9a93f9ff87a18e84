/**
 * R29: whatever is sent, a line of the log is one line of JSON without a control character, and a header of an answer is
 * what we have put there. Walks the OpenAPI document, and puts line breaks, escape sequences and forged lines into every
 * place that a request has. There are no transcripts in CSV or HTML yet that could carry more.
 */
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Operation, operationsOf } from '../api/operations.ts';
import { type JsonSchema, sampleOf } from '../api/samples.ts';
import { createTestApi, inject, operatorKey, type TestApi } from '../api/test-api.ts';
import { type Belongings, belongingsOf } from './belongings.ts';
import { type Caller, callersOf, refusalOf } from './callers.ts';

const api: TestApi = await createTestApi({ config: { metricsKey: 'metrics-key-of-the-tests-at-least-32-chars' } });
afterAll(() => api.close());
const operations = operationsOf(api.app).map((one) => ({ ...one, title: `${one.method} ${one.path}` }));

const forged = '{"level":30,"msg":"forged-line"}';
const evil = [
  `x\r\n${forged}\r\n`,
  `x\n${forged}`,
  'x\r\nset-cookie: forged=1\r\nx-forged: 1',
  '\u001b[2J\u001b[31mforged\u001b[0m',
  '\u0007\u0008\u007f\u009b31mforged',
  '\u2028forged\u2029',
  '${jndi:ldap://forged}{{forged}}%s%n%x=HYPERLINK("forged")',
  '<script>forged</script>"\'`',
];

let callers: Caller[];
let things: Belongings;
beforeAll(async () => {
  const account = await api.account();
  things = await belongingsOf(api, account, { word: 'own', number: '76' });
  callers = await callersOf(api, account, things, 'metrics-key-of-the-tests-at-least-32-chars');
});

const ofOwn = (name: string): string => (things.has(name) ? things.idOf(name) : '00000000-0000-7000-8000-000000000000');

/** The sample with this text in the place of every text of a person's, also in the names of members. */
function poisoned(value: unknown, text: string): unknown {
  if (typeof value === 'string') return /^[0-9a-f-]{36}$|^whsec_/.test(value) ? value : text;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, text)]));
}

/** One request with this text in each place: path, query, body, names of members, headers (as far as HTTP lets it). */
function requestsOf(operation: Operation, text: string): Parameters<typeof inject>[1][] {
  const { method, path, params, query, body } = operation;
  const urlWith = (param: string | null): string =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(name === param ? text : ofOwn(name)));
  const searched = ['more', ...Object.keys(query)].map((name) => `${name}=${encodeURIComponent(text)}`);
  const plain = { method, url: urlWith(null) };
  const inHeaders = Object.fromEntries(
    [
      'user-agent',
      'x-request-id',
      'referer',
      'x-forwarded-for',
      'idempotency-key',
      'prefer',
      'last-event-id',
      'webhook-id',
      'traceparent',
    ].map((name) => [name, text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ' ')]),
  );
  const samples: unknown[] = body === null ? [] : bodiesWith(body, text);
  return [
    ...params.map((param) => ({ method, url: urlWith(param) })),
    ...searched.map((search) => ({ method, url: `${plain.url}?${search}` })),
    { ...plain, headers: inHeaders },
    ...samples.map((payload) => ({ ...plain, payload: payload as object })),
  ];
}

function bodiesWith(schema: JsonSchema, text: string): unknown[] {
  const sample = sampleOf(schema, { whole: true, idOf: ofOwn });
  return [poisoned(sample, text), { ...(sample as object), [text]: text }];
}

/** Of Fastify, its plugins and the routes; whatever else stands in an answer came with the request. */
const ownHeaders =
  /^(accept-ranges|access-control-.*|cache-control|connection|content-.*|cross-origin-.*|date|etag|last-modified|location|origin-agent-cluster|preference-applied|ratelimit-.*|referrer-policy|retry-after|strict-transport-security|transfer-encoding|vary|www-authenticate|x-(accel-buffering|content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|request-id|xss-protection))$/;

function faultsOf(lines: string[]): string[] {
  return lines.flatMap((line) => {
    const whole = line.endsWith('\n') && line.indexOf('\n') === line.length - 1;
    const clean = !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(line.trimEnd());
    return whole && clean && !line.includes('forged') && isJson(line) ? [] : [line];
  });
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

test.each(operations)('R29: $title writes lines and headers of its own alone', async (operation) => {
  const caller = callers.find((one) => refusalOf(operation, one) === null) ?? callers.at(-1);
  const token = operation.scope === 'operator' ? operatorKey : (caller?.token ?? null);
  const begun = api.logs.length;
  for (const text of evil) {
    for (const request of requestsOf(operation, text)) {
      const headers = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...request.headers };
      const answer = await inject(api.app, { ...request, headers });
      expect({
        url: request.url,
        foreign: Object.keys(answer.headers).filter((name) => !ownHeaders.test(name)),
      }).toEqual({
        url: request.url,
        foreign: [],
      });
      for (const [name, value] of Object.entries(answer.headers)) {
        expect(`${name}: ${String(value)}`).not.toMatch(/\p{Cc}|forged=|x-forged/u);
      }
      expect(String(answer.headers['x-request-id'])).toMatch(/^[0-9a-f-]{36}$/);
    }
  }
  expect(faultsOf(api.logs.slice(begun))).toEqual([]);
});

test('R29: what is no HTTP, with line breaks in its first line and headers, forges nothing either', async () => {
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = api.app.server.address() as AddressInfo;
  const begun = api.logs.length;
  const exchange = (text: string): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.end(text));
      socket.setEncoding('latin1').on('data', (data: string) => (answer += data));
      socket.on('close', () => resolve(answer)).on('error', () => undefined);
    });
  for (const first of [
    'GET /v1/\u001b[2J\n HTTP/1.1',
    `GET /v1/x\r${forged} HTTP/1.1`,
    `\u0000${forged}`,
    'GET http://forged/ HTTP/9.9',
  ]) {
    for (const header of [
      'X-A: b\u0000c',
      'X-A: b\rset-cookie: forged=1',
      `X-\u001b: 1`,
      'Content-Length: 1\r\nContent-Length: 2',
    ]) {
      const answer = await exchange(`${first}\r\nHost: x\r\n${header}\r\n\r\n`);
      expect(answer).not.toContain('forged');
    }
  }
  expect(faultsOf(api.logs.slice(begun))).toEqual([]);
});

test('R29: a page’s origin, allowed or not, is answered with * or with nothing of it', async () => {
  const headers = {
    origin: 'https://forged.example',
    'access-control-request-headers': 'x-forged',
    'access-control-request-method': 'PUT',
  };
  const { headers: answered } = await inject(api.app, { method: 'OPTIONS', url: '/v1/tags', headers });
  expect(answered['access-control-allow-origin']).toBe('*');
  expect(answered['access-control-allow-credentials']).toBeUndefined();
});
