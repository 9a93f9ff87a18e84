/** What is known of the OpenAPI document only once all of it is there. */
import type { jsonSchemaTransformObject } from 'fastify-type-provider-zod';

type Document = ReturnType<typeof jsonSchemaTransformObject>;

interface Operation {
  operationId?: string;
  responses: Record<string, object>;
  requestBody?: { required?: boolean; content: Record<string, { schema?: { default?: unknown } }> };
}

type Paths = Record<string, Record<string, Operation>>;

export function completed(document: Document): Document {
  const { paths = {}, components } = document as { paths?: Paths; components?: object };
  const { share, responses } = sharedResponses();
  const complete = mapOperations(paths, (operation, method, path) =>
    share(completedOperation(operation, method, path)),
  );
  return onlyUsed({ ...document, paths: complete, components: { ...components, responses } } as Document);
}

function mapOperations(paths: Paths, map: (operation: Operation, method: string, path: string) => Operation): Paths {
  const entries = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(Object.entries(methods).map(([method, one]) => [method, map(one, method, path)])),
  ]);
  return Object.fromEntries(entries) as Paths;
}

/** A name for generated clients; and a body only where there is one, required only where it has no default. */
function completedOperation({ requestBody, ...rest }: Operation, method: string, path: string): Operation {
  const operation = { operationId: nameOf(method, path), ...rest };
  if (requestBody === undefined || method === 'get') return operation;
  const optional = Object.values(requestBody.content).some(({ schema }) => schema?.default !== undefined);
  return { ...operation, requestBody: { ...requestBody, required: !optional } };
}

/** The same problems are those of many operations: each set stands in the document once. */
function sharedResponses(): { share: (operation: Operation) => Operation; responses: Record<string, object> } {
  const responses: Record<string, object> = {};
  const nameOfText = new Map<string, string>();
  const shared = ([status, response]: [string, object]): [string, object] => {
    if (status.startsWith('2')) return [status, response];
    const text = `${status} ${JSON.stringify(response)}`;
    const name = nameOfText.get(text) ?? `Problem.${status}.${nameOfText.size}`;
    nameOfText.set(text, name);
    responses[name] = response;
    return [status, { $ref: `#/components/responses/${name}` }];
  };
  const share = (operation: Operation): Operation => ({
    ...operation,
    responses: Object.fromEntries(Object.entries(operation.responses).map(shared)),
  });
  return { share, responses };
}

/** `GET /v1/agents/{agentId}` is `getAgentsByAgentId`. */
function nameOf(method: string, path: string): string {
  const words = path
    .replace(/^\/v1(?=\/.)/, '')
    .replaceAll('/{', '/by-')
    .match(/\w+/g) ?? ['root'];
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** Every named schema comes in two forms, as input and as output; most are used as one only. */
function onlyUsed(document: Document): Document {
  const { paths, components } = document as {
    paths?: unknown;
    components?: { schemas?: Record<string, unknown>; responses?: unknown };
  };
  const all = components?.schemas ?? {};
  const used = new Set<string>();
  const open = [JSON.stringify([paths, components?.responses])];
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
