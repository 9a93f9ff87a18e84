/** What a client's developer is told: of every operation enough to call it, and nothing that isn't so. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problems } from '../../api/problem.ts';
import { createTestApi, type TestApi } from './test-api.ts';

interface Parameter {
  in: string;
  name: string;
  description?: string;
}

interface Content {
  content?: Record<string, { schema: { anyOf?: object[]; $ref?: string } }>;
}

interface Response extends Content {
  $ref?: string;
  description?: string;
}

interface Shown {
  operationId: string;
  summary?: string;
  description?: string;
  security?: Record<string, string[]>[];
  'x-scope': string;
  parameters?: Parameter[];
  requestBody?: Content & { required: boolean };
  responses: Record<string, Response>;
}

interface Document {
  paths: Record<string, Record<string, Shown>>;
  components: {
    securitySchemes: Record<string, object>;
    schemas: Record<string, { oneOf?: { properties: { event: object } }[] }>;
    responses: Record<string, Response>;
  };
}

let api: TestApi;
let document: Document;
beforeAll(async () => {
  api = await createTestApi();
  document = (await api.call(null, 'GET', '/v1/openapi.json')).body as unknown as Document;
});
afterAll(() => api.close());

const operations = (): (Shown & { title: string })[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, shown]) => ({ ...shown, title: `${method.toUpperCase()} ${path}` })),
  );

/** Titles of those that lack it. */
const without = (has: (operation: Shown) => boolean): string[] =>
  operations().flatMap((operation) => (has(operation) ? [] : [operation.title]));

const at = (title: string): Shown => {
  const found = operations().find((operation) => operation.title === title);
  if (found === undefined) throw new Error(`There is no ${title}.`);
  return found;
};

const responseOf = ({ responses }: Shown, status: number): Response => {
  const response = responses[status] ?? {};
  return response.$ref === undefined
    ? response
    : (document.components.responses[response.$ref.split('/').at(-1) ?? ''] ?? {});
};

describe('every operation', () => {
  test('says what it does, with which units, limits and errors', () => {
    expect(operations().length).toBeGreaterThan(90);
    expect(without(({ summary }) => summary !== undefined && summary !== '')).toEqual([]);
    expect(without(({ description }) => (description ?? '').length > 20)).toEqual([]);
  });

  test('describes each of its parameters', () => {
    const bare = operations().flatMap(({ title, parameters = [] }) =>
      parameters.filter(({ description }) => !description).map((one) => `${title}: ${one.in} ${one.name}`),
    );
    expect(bare).toEqual([]);
  });

  test('says how its caller proves who it is, or that nobody has to', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    expect(
      without(({ security }) => security?.flatMap(Object.keys).every((name) => schemes.includes(name)) ?? false),
    ).toEqual([]);
    expect(without(({ security, ...one }) => (security?.length === 0) === (one['x-scope'] === 'public'))).toEqual([]);
    expect(
      schemes.filter((name) => !operations().some(({ security }) => security?.some((one) => name in one))),
    ).toEqual([]);
  });

  test('says with which problems it answers, by their codes', () => {
    const isProblem = (response: Response) => 'application/problem+json' in (response.content ?? {});
    expect(
      without(({ responses, ...one }) =>
        Object.keys(responses)
          .filter((status) => status >= '4')
          .every((status) => isProblem(responseOf({ responses, ...one }, status as unknown as number))),
      ),
    ).toEqual([]);
    expect(without(({ responses }) => 'default' in responses && '500' in responses)).toEqual([]);
    const codes = Object.values(document.components.responses).flatMap(({ description = '' }) =>
      [...description.matchAll(/^`([a-z-]+)`:/gm)].map(([, code]) => code),
    );
    expect(Object.keys(problems).filter((code) => !codes.includes(code) && code !== 'expectation-failed')).toEqual([]);
  });

  test('shows schemas that something can fit: no choice of nothing, and no problem whose parts exclude each other', () => {
    const empty = nodesOf(document).filter(({ anyOf, oneOf }) => anyOf?.length === 0 || oneOf?.length === 0);
    expect(empty).toEqual([]);
    const parts = nodesOf(document.components.responses).flatMap(({ allOf = [] }) => allOf);
    expect(parts.length).toBeGreaterThan(20);
    expect(parts.filter(({ additionalProperties }) => additionalProperties === false)).toEqual([]);
  });

  test('has a name of its own for generated clients', () => {
    const names = operations().map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(at('POST /v1/conversations/{conversationId}/actions/join').operationId).toBe(
      'postConversationsByConversationIdActionsJoin',
    );
  });
});

interface Node {
  anyOf?: object[];
  oneOf?: object[];
  allOf?: { additionalProperties?: unknown }[];
}

/** Every object of it, at whatever depth. */
function nodesOf(value: unknown): Node[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(nodesOf)];
}

describe('what outside systems send', () => {
  test.each([
    ['POST /v1/webhooks/{accountId}/{channelId}', 'message.received'],
    ['POST /v1/desks/{accountId}/{deskId}/events', 'desk.answered'],
  ])('%s shows its body and the headers that sign it', (title, type) => {
    const { requestBody, parameters = [], security } = at(title);
    expect(JSON.stringify(requestBody)).toContain(`"${type}"`);
    expect(parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(['webhook-id', 'webhook-timestamp']));
    expect(security).toEqual([{ signature: [] }]);
  });

  test('a bot’s later answer shows its body, and asks for the token of its turn', () => {
    const { requestBody, security } = at('POST /v1/bot-replies/{accountId}/{conversationId}/{turn}');
    expect(JSON.stringify(requestBody)).toContain('"handover"');
    expect(security).toEqual([{ turn: [] }]);
  });

  test('no operation that is only asked has a body, and a body with a default may be left out', () => {
    expect(operations().filter(({ title, requestBody }) => title.startsWith('GET') && requestBody)).toEqual([]);
    expect(at('POST /v1/conversations/{conversationId}/actions/resolve').requestBody?.required).toBe(false);
    expect(at('POST /v1/tags').requestBody?.required).toBe(true);
  });
});

test.each([
  ['GET /v1/feed', 'FeedMessage', ['event', 'comment', 'receipt', 'typing', 'hidden', 'ready', 'reload']],
  ['GET /v1/widget/events', 'VisitorStreamMessage', ['ready', 'message', 'receipt', 'typing', 'state']],
])('the stream %s shows its messages, and how one comes back to it', (title, schema, events) => {
  const operation = at(title);
  expect(operation.parameters?.map(({ name }) => name)).toEqual(expect.arrayContaining(['after', 'last-event-id']));
  expect(operation.responses['200']?.content?.['text/event-stream']?.schema.$ref).toBe(
    `#/components/schemas/${schema}`,
  );
  const shown = JSON.stringify(document.components.schemas[schema]?.oneOf?.map(({ properties }) => properties.event));
  for (const event of events) expect(shown).toContain(`"${event}"`);
});
