/**
 * With which problems an operation may answer: those that follow from what it asks and takes, and those that it names in
 * `config.problems`. A test holds what is answered against this.
 */
import type { RouteOptions } from 'fastify';
import { z } from 'zod';
import { isScope } from './openapi-security.ts';
import { problems, problemSchema, problemType, type ProblemCode } from './problem.ts';
import { type Access, checksItself } from './scopes.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Codes that this route answers with, beside those that every route with such input and access does. */
    problems?: readonly ProblemCode[];
  }
}

export function problemsOf(route: Pick<RouteOptions, 'method' | 'config' | 'schema'>): readonly ProblemCode[] {
  const { config, schema = {} } = route;
  const { scope = 'public', problems: own = [], rateLimit } = config ?? {};
  // Also where none is wanted, what is sent along is read.
  const mayHaveBody = route.method !== 'GET';
  return [
    // Also of what no schema asks for: no text that Postgres can't hold comes in.
    'invalid-request',
    ...ofAccess(scope),
    ...(schema.params === undefined ? [] : (['not-found'] as const)),
    ...(mayHaveBody ? ofBodies : []),
    ...(rateLimit === false ? [] : (['rate-limited'] as const)),
    ...own,
    ...ofAll,
  ];
}

const ofBodies = ['payload-too-large', 'unsupported-media-type'] as const;
const ofAll = ['request-timeout', 'headers-too-large', 'internal', 'unavailable', 'overloaded'] as const;

function ofAccess(access: Access): readonly ProblemCode[] {
  if (access === 'public') return [];
  // A page of another origin; a signature that its network answers so.
  if (access === 'visitor' || access === 'signature') return ['unauthenticated', 'forbidden'];
  if (checksItself(access)) return ['unauthenticated'];
  return ['unauthenticated', 'wrong-kind-of-key', ...(isScope(access) ? (['missing-scope'] as const) : [])];
}

/** By status: the codes in words, and the schema with these codes alone. */
export function problemResponses(codes: readonly ProblemCode[]): Record<string, object> {
  const once = [...new Set(codes)];
  const statuses = [...new Set(once.map((code) => problems[code].status))];
  return Object.fromEntries(
    statuses.map((status) => [status, responseOf(once.filter((code) => problems[code].status === status))]),
  );
}

/** Loose, for a problem has more members: two schemas that must both hold may not each forbid what the other asks for. */
function responseOf(codes: ProblemCode[]): object {
  const schema = z.intersection(problemSchema, z.looseObject({ code: z.enum(codes) }));
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join('\n'),
    content: { [problemType]: { schema } },
  };
}
