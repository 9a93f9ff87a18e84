/**
 * How input is read: JSON of well-formed Unicode and nothing else, every part checked by its route's zod schema, every
 * response by its own. Text that Postgres can't hold (NUL, half a surrogate pair) is refused here, once, for all routes.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { nearestIssues } from '../adapters/nearest-issues.ts';
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

  app.addHook('preParsing', async (request) => requireNotPacked(request));
  app.addHook('preValidation', async (request) => {
    requireCleanText('params', request.params);
    requireCleanText('query', request.query);
    requireCleanText('body', request.body);
  });

  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    const result = schema.safeParse(data);
    return result.success
      ? { value: result.data }
      : { error: invalid(parts[httpPart ?? ''] ?? 'body', nearestIssues(result.error.issues, inWords)) };
  });
  app.setSerializerCompiler(serializerCompiler);
}

const inWords = ({ path, message }: z.core.$ZodIssue): string => [...path.map(String), message].join(': ');

/** A packed body would be as small as the limit and as large as its sender likes: none is ever unpacked. */
function requireNotPacked({ method, headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'];
  if (method === 'GET' || method === 'HEAD' || encoding === undefined || encoding === 'identity') return;
  throw new Problem('unsupported-media-type', { detail: 'Send the body as it is, without Content-Encoding.' });
}

/** NUL, or a surrogate without its other half. */
const unstorable = /[\0\p{Surrogate}]/u;

/** Nothing of ours is nested deeper than this; jsonb, and whoever reads it, have limits of their own. */
const maxDepth = 64;

/** Without recursion, and without remembering the way: depth and length are the sender's choice. */
function requireCleanText(part: string, root: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && unstorable.test(value)) {
      throw invalid(part, [{ path: [], message: 'Text in it is not well-formed Unicode, or holds a NUL.' }]);
    }
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) {
      continue;
    }
    if (depth === maxDepth) {
      throw invalid(part, [{ path: [], message: `It is nested deeper than ${maxDepth} levels.` }]);
    }
    for (const [key, child] of Object.entries(value)) {
      open.push({ value: key, depth }, { value: child, depth: depth + 1 });
    }
  }
}
