/**
 * R21 in small: whatever is sent, the answer is a clear one that the OpenAPI document names, never a 5xx, and nothing of our
 * insides is in it. Requests are made from the OpenAPI document: well-formed ones, with something in them replaced by what doesn't belong there.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { v7 } from 'uuid';
import { problemSchema } from '../../api/problem.ts';
import { seedConversation } from './conversation.ts';
import { type Operation, operationsOf, urlOf } from './operations.ts';
import { type JsonSchema, sampleOf } from './samples.ts';
import { type Answer, createTestApi, inject, operatorKey, type TestApi } from './test-api.ts';

const requests = 2_000;

const api: TestApi = await createTestApi();
afterAll(() => api.close());
const operations = operationsOf(api.app);

/** The key that the requests are made with, which none of them may name: a revoked key proves nothing. */
let key: string;
const known: Record<string, string> = {};

beforeAll(async () => {
  const account = await api.account({ agents: 3 });
  ({ key } = account);
  const { contactId, conversationId } = await seedConversation(api.pool, account);
  const [agentId = ''] = account.agentIds;
  const { botId, channelId, groupId } = account;
  const tag = await api.call(key, 'POST', '/v1/tags', { name: 'known' });
  Object.assign(known, {
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
  raw: Uint8Array | null;
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

test(`${requests} requests with anything in them: no 5xx, and nothing of our insides`, async () => {
  await fc.assert(fc.asyncProperty(step, send), { numRuns: requests, endOnFailure: true });
  // They have come as far as the handlers, and the key was good to the end.
  expect([...statuses]).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 404, 409, 415, 422]));
  expect((await api.call(key, 'GET', '/v1/me')).status).toBe(200);
}, 600_000);

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
  const search = new URLSearchParams(query.map(([name, one]): [string, string] => [name, textOf(one)])).toString();
  return {
    method: method as 'GET',
    url: `${urlOf(operation, idOf)}${search === '' ? '' : `?${search}`}`,
    headers: {
      authorization: `Bearer ${scope === 'operator' ? operatorKey : key}`,
      ...(body === null && raw === null ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(raw === null ? payloadOf(body, one) : { payload: Buffer.from(raw) }),
  };
}

function payloadOf(schema: JsonSchema | null, { whole, at, value, sameType }: Step): { payload?: string } {
  if (schema === null) return {};
  const sample = sampleOf(schema, { whole, idOf: (name) => known[name] ?? v7() });
  const put = (before: unknown): unknown => (sameType ? inTypeOf(before, value) : value);
  return { payload: JSON.stringify(replaced(sample, at, put)) ?? '' };
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
