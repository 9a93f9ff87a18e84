/** Every operation of the OpenAPI document: what tests that must hold for all routes walk over, also those to come. */
import type { FastifyInstance } from 'fastify';
import { scopes } from '../../api/scopes.ts';
import { type JsonSchema, resolveSchema } from './samples.ts';

export interface Operation {
  method: string;
  /** `/v1/agents/{agentId}` */
  path: string;
  /** What it asks of its caller; see `Access`. */
  scope: string;
  params: string[];
  query: Record<string, JsonSchema>;
  headers: string[];
  /** null: it takes no JSON. */
  body: JsonSchema | null;
  /** Codes of the problems that it may answer with. */
  problems: string[];
}

interface Document {
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, JsonSchema>; responses: Record<string, { description: string }> };
}

interface RawOperation {
  'x-scope': string;
  parameters?: { in: string; name: string; schema: JsonSchema }[];
  responses: Record<string, { $ref?: string }>;
  requestBody?: { content: Record<string, { schema: JsonSchema; examples?: Record<string, { value: unknown }> }> };
}

export function operationsOf(app: FastifyInstance): Operation[] {
  const document = app.swagger() as unknown as Document;
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => toOperation(document, path, method, operation)),
  );
}

function toOperation(document: Document, path: string, method: string, operation: RawOperation): Operation {
  const { parameters = [], requestBody, responses } = operation;
  const content = requestBody?.content['application/json'];
  const examples = Object.values(content?.examples ?? {}).map(({ value }) => value);
  const resolve = (schema: JsonSchema) => resolveSchema(schema, document.components.schemas);
  return {
    method: method.toUpperCase(),
    path,
    scope: operation['x-scope'],
    params: parameters.filter((one) => one.in === 'path').map(({ name }) => name),
    query: Object.fromEntries(
      parameters.filter((one) => one.in === 'query').map(({ name, schema }) => [name, resolve(schema)]),
    ),
    headers: parameters.filter((one) => one.in === 'header').map(({ name }) => name),
    problems: Object.values(responses).flatMap(({ $ref = '' }) => codesOf(document, $ref)),
    body: content === undefined ? null : { ...resolve(content.schema), ...(examples.length > 0 && { examples }) },
  };
}

/** A response of problems says them in words, a line each. */
function codesOf({ components }: Document, ref: string): string[] {
  const { description = '' } = components.responses[ref.split('/').at(-1) ?? ''] ?? {};
  return [...description.matchAll(/^`([a-z-]+)`:/gm)].map(([, code = '']) => code);
}

/** An account's key or an agent's token. */
export const asksForKey = ({ scope }: Operation): boolean => scope === 'any' || scopes.some((one) => one === scope);

/** The path with its parameters filled in. */
export function urlOf({ path }: Operation, valueOf: (param: string) => string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, param: string) => encodeURIComponent(valueOf(param)));
}
