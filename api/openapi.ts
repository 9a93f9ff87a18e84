/** The OpenAPI document, generated from the very schemas that check requests and responses. */
import swagger from '@fastify/swagger';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { problemSchema, problemType } from './problem.ts';
import type { Access } from './scopes.ts';

export async function describeApi(app: FastifyInstance, publicUrl: string): Promise<void> {
  app.addHook('onRoute', addProblems);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Baton',
        version: '1',
        description:
          'A durable conversation engine for bot-to-human hand-over. Times are ISO 8601 in UTC, durations end in `Ms`, ' +
          'ids are UUIDs. Every error is an RFC 9457 problem with a stable `code`. An id of another account is one that ' +
          'nobody has: in the path a 404; in a body what an unknown one is there, 422 `unknown-reference` or the 409 of the command.',
      },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          key: { type: 'http', scheme: 'bearer', description: 'An API key (`bk_…`) or an agent’s token (JWT).' },
          operator: { type: 'http', scheme: 'bearer', description: 'The operator’s key.' },
        },
      },
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      return { schema: { ...schema, ...accessOf(input.route.config?.scope) }, url };
    },
    transformObject: (document) => onlyUsed(jsonSchemaTransformObject(document)),
  });
  // A schema that can't be shown stops the start, not a reader.
  app.addHook('onReady', async () => void app.swagger());
}

/** Every route may answer with a problem. */
function addProblems(route: RouteOptions): void {
  if (route.schema === undefined || route.schema.hide === true) {
    return;
  }
  const problem = { description: 'A problem', content: { [problemType]: { schema: problemSchema } } };
  route.schema.response = { ...(route.schema.response as object | undefined), default: problem };
}

/** What the route asks of its caller, for people and for the tests that walk the document. */
function accessOf(scope: Access | undefined): Record<string, unknown> {
  switch (scope) {
    case undefined:
    case 'public':
      return { security: [], 'x-scope': 'public' };
    case 'operator':
      return { security: [{ operator: [] }], 'x-scope': scope };
    default:
      return { security: [{ key: [] }], 'x-scope': scope };
  }
}

type Document = ReturnType<typeof jsonSchemaTransformObject>;

/** Every named schema comes in two forms, as input and as output; most are used as one only. */
function onlyUsed(document: Document): Document {
  const { components } = document as { components?: { schemas?: Record<string, unknown> } };
  const all = components?.schemas ?? {};
  const used = new Set<string>();
  const open = [JSON.stringify((document as { paths?: unknown }).paths ?? {})];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (!used.has(name)) {
        used.add(name);
        open.push(JSON.stringify(all[name] ?? {}));
      }
    }
  }
  const schemas = Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
  return { ...document, components: { ...components, schemas } } as Document;
}
