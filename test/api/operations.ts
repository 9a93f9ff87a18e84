/** Every operation of the OpenAPI document: what tests that must hold for all routes walk over, also those to come. */
import type { FastifyInstance } from 'fastify';
import { type JsonSchema, resolveSchema } from './samples.ts';

export interface Operation {
  method: string;
  /** `/v1/agents/{agentId}` */
  path: string;
  /** What it asks of its caller; see `Access`. */
  scope: string;
  params: string[];
  query: Record<string, JsonSchema>;
  /** null: it takes no JSON. */
  body: JsonSchema | null;
}

interface Document {
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, JsonSchema> };
}

interface RawOperation {
  'x-scope': string;
  parameters?: { in: string; name: string; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema; examples?: Record<string, { value: unknown }> }> };
}

export function operationsOf(app: FastifyInstance): Operation[] {
  const document = app.swagger() as unknown as Document;
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => toOperation(document, path, method, operation)),
  );
}

function toOperation(document: Document, path: string, method: string, operation: RawOperation): Operation {
  const { parameters = [], requestBody } = operation;
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
    body: content === undefined ? null : { ...resolve(content.schema), ...(examples.length > 0 && { examples }) },
  };
}

/** The path with its parameters filled in. */
export function urlOf({ path }: Operation, valueOf: (param: string) => string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, param: string) => encodeURIComponent(valueOf(param)));
}
