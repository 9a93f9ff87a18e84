/**
 * How input is read: JSON of well-formed Unicode and nothing else, every part checked by its route's zod schema, every
 * response by its own. Text that Postgres can't hold (NUL, half a surrogate pair) is refused here, once, for all routes.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { invalid } from './errors.ts';
import { Problem } from './problem.ts';

const parts: Record<string, string> = { querystring: 'query', body: 'body', params: 'params', headers: 'headers' };

export function readInput(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) {
      done(null, undefined);
    } else if (!isUtf8(body)) {
      done(new Problem('invalid-request', { detail: 'The body is not UTF-8.' }));
    } else {
      void parseJson(request, body.toString('utf8'), done);
    }
  });

  app.addHook('preValidation', async (request) => {
    requireCleanText('params', request.params);
    requireCleanText('query', request.query);
    requireCleanText('body', request.body);
  });

  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    const result = schema.safeParse(data);
    return result.success
      ? { value: result.data }
      : { error: invalid(parts[httpPart ?? ''] ?? 'body', result.error.issues) };
  });
  app.setSerializerCompiler(serializerCompiler);
}

/** NUL, or a surrogate without its other half. */
const unstorable = /[\0\p{Surrogate}]/u;

function requireCleanText(part: string, value: unknown): void {
  const path = pathToUnstorable(value);
  if (path !== null) {
    throw invalid(part, [{ path, message: 'This text is not well-formed Unicode, or holds a NUL.' }]);
  }
}

/** Without recursion: depth is the sender's choice. */
function pathToUnstorable(root: unknown): string[] | null {
  const open: { value: unknown; path: string[] }[] = [{ value: root, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === 'string' && unstorable.test(value)) {
      return path;
    }
    if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
      for (const [key, child] of Object.entries(value)) {
        if (unstorable.test(key)) {
          return path;
        }
        open.push({ value: child, path: [...path, key] });
      }
    }
  }
  return null;
}
