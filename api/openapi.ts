/**
 * The OpenAPI document, generated from the very schemas that check requests and responses. That takes longer than anything else
 * that an API does at its start, so a built program has it beside itself, as generated when it was built.
 */
import { fileURLToPath } from 'node:url';
import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { completed } from './openapi-document.ts';
import { problemResponses, problemsOf } from './openapi-problems.ts';
import { securityOf, securitySchemes } from './openapi-security.ts';
import { problemSchema, problemType } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** For readers alone: what the route reads by itself, over raw bytes for one, so that no schema of ours checks it. */
    documented?: { body: z.ZodType; headers?: z.ZodType };
  }
}

const description = `A durable conversation engine for bot-to-human hand-over.

- Times are ISO 8601 in UTC, durations are milliseconds and end in \`Ms\`, ids are UUIDs. Text is UTF-8; its limits count UTF-16 units.
- Every error is an RFC 9457 problem with a stable \`code\` to branch on; GET /v1/problems/{code} says what it means. \`issues\` say
  what is wrong with the input and where: the path begins with \`body\`, \`query\`, \`params\` or \`headers\`. Unknown fields are refused, too.
- An id of another account is one that nobody has: in the path a 404; in a body what an unknown one is there, 422
  \`unknown-reference\` or the 409 of the command.
- Lists come in pages: \`items\`, and in \`next\` the \`cursor\` of the page that follows (null: none). Rows that come or go
  meanwhile neither repeat nor hide another.
- A body has at most 1 MiB unless the operator has said otherwise. Requests are limited per minute, by key or agent, else by address:
  \`ratelimit-*\` headers tell, 429 and 503 say in \`Retry-After\` (seconds) when to come back.
- Commands take an \`Idempotency-Key\`: the same request with the same key has one effect and one answer, for 24 hours.`;

type Servers = { url: string }[];

const isBuilt = !import.meta.url.endsWith('.ts');

export async function describeApi(app: FastifyInstance, publicUrl: string): Promise<void> {
  app.addHook('onRoute', addProblem);
  const servers = [{ url: publicUrl }];
  await (isBuilt ? showBuilt(app, servers) : generate(app, servers));
}

async function showBuilt(app: FastifyInstance, servers: Servers): Promise<void> {
  const path = fileURLToPath(new URL('./openapi.json', import.meta.url));
  await app.register(swagger, {
    mode: 'static',
    specification: { path, postProcessor: (document) => ({ ...document, servers }), baseDir: '' },
  });
}

async function generate(app: FastifyInstance, servers: Servers): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Baton', version: '1', description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers,
      components: { securitySchemes },
    },
    transform: ({ schema, url, route, ...rest }) => {
      const { scope = 'public', documented } = route.config ?? {};
      const shown: FastifySchema = {
        ...schema,
        ...documented,
        response: { ...(schema.response as object | undefined), ...problemResponses(problemsOf(route)) },
      };
      const transformed = jsonSchemaTransform({ schema: shown, url, route, ...rest });
      return { ...transformed, schema: { ...transformed.schema, security: securityOf(scope), 'x-scope': scope } };
    },
    transformObject: (document) => completed(jsonSchemaTransformObject(document)),
  });
  // A schema that can't be shown stops the start, not a reader.
  app.addHook('onReady', async () => void app.swagger());
}

/** Every route may answer with a problem. */
function addProblem(route: RouteOptions): void {
  if (route.schema === undefined || route.schema.hide === true) {
    return;
  }
  const problem = { description: 'Any other problem.', content: { [problemType]: { schema: problemSchema } } };
  route.schema.response = { ...(route.schema.response as object | undefined), default: problem };
}
