/**
 * R21: whatever is sent, the answer is a clear one that the OpenAPI document names, never a 5xx, and nothing of our
 * insides is in it, and memory is as before. Requests are made from the OpenAPI document: well-formed ones with what each
 * operation asks of its caller, with something in them replaced by what doesn't belong there. A failure prints its seed.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 } from 'uuid';
import { problemSchema } from '../../api/problem.ts';
import { signReplyToken } from '../../adapters/reply-token.ts';
import { signedHeaders } from '../../adapters/signatures.ts';
import { turnId } from '../../store/turns.ts';
import { junkLiteral, spoilt } from '../hardening/junk.ts';
import { addVariant } from '../support/account.ts';
import { seedConversation } from './conversation.ts';
import { type Operation, operationsOf, urlOf } from './operations.ts';
import { type JsonSchema, sampleOf } from './samples.ts';
import { type Answer, apiConfig, createTestApi, inject, operatorKey, type TestApi } from './test-api.ts';

const requests = 10_000;
/** Sent together: the next ones begin when all of them are answered. */
const together = 10;

const api: TestApi = await createTestApi();
afterAll(() => api.close());
const operations = operationsOf(api.app);

/** The key that the requests are made with, which none of them may name: a revoked key proves nothing. */
let key: string;
let visitor: string;
const secret = `whsec_${Buffer.from('a secret of the requests with junk').toString('base64')}`;
const known: Record<string, string> = {};

beforeAll(async () => {
  const account = await api.account({ agents: 3, channelSecrets: [secret] });
  ({ key } = account);
  const chat = await addVariant(api.pool, account, { channelType: 'webchat', channelSettings: { title: 'Ask us' } });
  const session = { accountId: chat.accountId, channelId: chat.channelId };
  visitor = (await api.call(null, 'POST', '/v1/widget/sessions', session)).body.token;
  const { contactId, conversationId } = await seedConversation(api.pool, account);
  const [agentId = ''] = account.agentIds;
  const { botId, channelId, groupId } = account;
  const tag = await api.call(key, 'POST', '/v1/tags', { name: 'known' });
  const settings = { url: 'https://example.com' };
  const desk = await api.call(key, 'POST', '/v1/desks', { name: 'known', type: 'http', settings });
  await api.call(key, 'POST', `/v1/desks/${desk.body.id}/secrets`, { secret });
  Object.assign(known, {
    accountId: account.accountId,
    deskId: desk.body.id,
    turn: '1',
    agentId,
    botId,
    channelId,
    groupId,
    contactId,
    conversationId,
    tagId: tag.body.id,
    version: '1',
  });
});

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, '', ' ', [], {}, [[]], [null], {
    a: {},
  }),
  fc.constantFrom(
    '\u0000',
    '\ud800',
    '%',
    "'; DROP TABLE agents; --",
    '\\',
    '{{x}}',
    '../..',
    '\u202e',
    'ﷺ'.repeat(50),
    '😀',
  ),
  fc.constantFrom(
    '2026-02-30T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '0000-00-00',
    '-infinity',
    'NaN',
    '1e999',
    'true',
  ),
  fc.constantFrom('x'.repeat(300), 'x'.repeat(20_000)),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.uuid(),
  fc.constantFrom('botId', 'groupId', 'agentId', 'contactId').map((name) => known[name]),
  fc.jsonValue({ maxDepth: 4 }),
);

interface Step {
  operation: Operation;
  ids: 'known' | 'unknown' | 'junk';
  whole: boolean;
  /** Which node of the body gets which value; -1: none. */
  at: number;
  /** As far as it can be said in the type of what was there. */
  sameType: boolean;
  value: unknown;
  query: [string, unknown][];
  raw: Uint8Array | string | null;
  headers: Record<string, string>;
}

const step: fc.Arbitrary<Step> = fc.constantFrom(...operations).chain((operation) =>
  fc.record({
    operation: fc.constant(operation),
    ids: fc.constantFrom<Step['ids']>('known', 'known', 'unknown', 'junk'),
    whole: fc.boolean(),
    at: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 4 })),
    sameType: fc.boolean(),
    value: junk,
    query: fc.oneof(
      { weight: 4, arbitrary: fc.constant<Step['query']>([]) },
      {
        weight: 1,
        arbitrary: fc.array(
          fc.tuple(fc.constantFrom('more', 'cursor', 'limit', ...Object.keys(operation.query)), junk),
          {
            maxLength: 3,
          },
        ),
      },
    ),
    raw: fc.oneof(
      { weight: 20, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
      {
        weight: 10,
        arbitrary:
          operation.body === null
            ? junkLiteral
            : spoilt(sampleOf(operation.body, { whole: true, idOf: (name) => `@${name}` })),
      },
    ),
    headers: fc.oneof(
      { weight: 20, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom('text/plain', 'application/json; charset=utf-16', ';', 'a/b')
          .map((type) => ({ 'content-type': type })),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom('', 'Bearer', 'Bearer x.y.z', 'Basic eDp5')
          .map((authorization) => ({ authorization })),
      },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom('"x"', '*', 'W/"1"', ' ')
          .map((tag) => ({ 'if-match': tag, 'idempotency-key': tag, 'last-event-id': tag, prefer: tag })),
      },
    ),
  }),
);

const statuses = new Set<number>();

async function send(one: Step): Promise<void> {
  const given = await inject(api.app, toRequest(one));
  statuses.add(given.status);
  const answer = `${one.operation.method} ${one.operation.path} → ${given.status} ${given.text.slice(0, 200)}`;
  const logged = given.status < 500 ? '' : api.logs.at(-2);
  expect({ answer, logged, fault: faultOf(given, one.operation) }).toEqual({ answer, logged, fault: null });
}

test(`R21: ${requests} requests with anything in them: no 5xx, nothing of our insides, no memory kept`, async () => {
  const batch = fc.array(step, { minLength: together, maxLength: together });
  const sent = fc.asyncProperty(batch, async (steps) => {
    await Promise.all(steps.map(send));
    api.logs.splice(0);
  });
  const half = { numRuns: requests / together / 2, endOnFailure: true };
  await fc.assert(sent, half);
  const before = heapInUse();
  await fc.assert(sent, half);
  expect(heapInUse() - before).toBeLessThan(keptAtMost);
  // They have come as far as the handlers, and the keys were good to the end.
  expect([...statuses]).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 404, 409, 415, 422]));
  expect((await api.call(key, 'GET', '/v1/me')).status).toBe(200);
  expect((await api.call(visitor, 'GET', '/v1/widget/messages')).status).toBe(200);
}, 600_000);

/** By 5,000 requests: room for caches that fill, none for 4 KiB of each request. */
const keptAtMost = 16 * 1_048_576;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const insides = /\bat .+\.(ts|js):\d+|node_modules|SELECT |INSERT |violates|syntax error/;

function faultOf({ status, headers, text, body }: Answer, { problems }: Operation): string | null {
  if (status >= 500) return 'a 5xx';
  if (insides.test(text)) return 'our insides';
  const type = String(headers['content-type']);
  const isProblem = type.startsWith('application/problem+json') && problemSchema.safeParse(JSON.parse(text)).success;
  if (status >= 400 && !isProblem) return 'no problem';
  return status < 400 || problems.includes(body.code) ? null : 'a problem that the document doesn’t name';
}

function toRequest(one: Step) {
  const { operation, ids, value, query, raw, headers } = one;
  const { method, scope, body } = operation;
  const idOf = (name: string): string => {
    if (ids === 'known') return known[name] ?? v7();
    return ids === 'unknown' ? v7() : textOf(value);
  };
  const payload = raw === null ? payloadOf(body, one) : withIds(raw);
  const search = new URLSearchParams(query.map(([name, one]): [string, string] => [name, textOf(one)])).toString();
  return {
    method: method as 'GET',
    url: `${urlOf(operation, idOf)}${search === '' ? '' : `?${search}`}`,
    headers: {
      ...proofOf(scope, payload ?? ''),
      ...(body === null && raw === null ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  };
}

const withIds = (raw: Uint8Array | string): Buffer | string =>
  typeof raw === 'string' ? raw.replaceAll(/@(\w+)/g, (_, name: string) => known[name] ?? v7()) : Buffer.from(raw);

/** What lets a request in, so that it comes as far as its content lets it. */
function proofOf(scope: string, payload: Buffer | string): Record<string, string> {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  switch (scope) {
    case 'operator':
      return bearer(operatorKey);
    case 'visitor':
      return bearer(visitor);
    case 'turn':
      return bearer(
        signReplyToken(apiConfig.tokenKey, known['accountId'] ?? '', turnId(known['conversationId'] ?? '', 1)),
      );
    case 'signature':
      return signedHeaders(v7(), Date.now(), String(payload), [secret]) ?? {};
    default:
      return bearer(key);
  }
}

function payloadOf(schema: JsonSchema | null, { whole, at, value, sameType }: Step): string | undefined {
  if (schema === null) return undefined;
  const sample = sampleOf(schema, { whole, idOf: (name) => known[name] ?? v7() });
  const put = (before: unknown): unknown => (sameType ? inTypeOf(before, value) : value);
  return JSON.stringify(replaced(sample, at, put)) ?? '';
}

function inTypeOf(before: unknown, value: unknown): unknown {
  if (typeof before === 'string') return textOf(value);
  if (typeof before === 'number') return Number(value);
  return Array.isArray(before) ? [value] : value;
}

/** The sample with its `at`th node (in order of depth) replaced. */
function replaced(root: unknown, at: number, put: (before: unknown) => unknown): unknown {
  let index = -1;
  const visit = (node: unknown): unknown => {
    index += 1;
    if (index === at) return put(node);
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node === 'object' && node !== null) {
      return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, visit(child)]));
    }
    return node;
  };
  return visit(root);
}

/** Without lone surrogates: those can't be put into an address at all. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.replaceAll(/\p{Surrogate}/gu, '?').slice(0, 2_000);
}
