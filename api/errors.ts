/**
 * The one way out for errors: every one becomes a problem of the table, whatever threw it. What isn't known is `internal`,
 * logged by its class and place; Postgres being away is 503 with `Retry-After`, so that callers try again.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { foreignKeyViolation, hasState, postgresIsAway, uniqueViolation } from '../store/failures.ts';
import { idsOf } from './logging.ts';
import { type Issue, Problem, problemBody, problems, problemType, type ProblemCode } from './problem.ts';

/** Where nobody knows better. */
export const retryAfterSeconds = 2;

export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => answer(error, request, reply));
  const noRoute = new Problem('not-found', {
    detail: 'No route of this method and path; GET /v1/openapi.json lists them.',
  });
  app.setNotFoundHandler((request, reply) => answer(noRoute, request, reply));
}

export function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { code, members } = hasGone(error, request) ? new Problem('request-timeout') : problemOf(error);
  const { status } = problems[code];
  if (status >= 500) {
    const level = code === 'internal' ? 'error' : 'warn';
    const facts = { problem: code, route: request.routeOptions.url, err: error, ...idsOf(request) };
    request.log[level](facts, 'request failed');
  }
  if (members.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(members.retryAfterSeconds));
  }
  if (status === 401) {
    reply.header('www-authenticate', 'Bearer');
  }
  return reply
    .code(status)
    .type(problemType)
    .send(problemBody(code, members, request.id));
}

/** The client went, or was sent away, before all of its request was there: no failure of ours, and nobody reads the answer. */
const hasGone = (error: unknown, { raw }: FastifyRequest): boolean => error instanceof Error && raw.errored === error;

/** Fastify's own errors, and its plugins'. */
const known: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid-request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid-request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-request',
  FST_ERR_BAD_URL: 'invalid-request',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
};

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) {
    return error;
  }
  if (postgresIsAway(error)) return new Problem('unavailable', { retryAfterSeconds });
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const problem = typeof code === 'string' ? known[code] : undefined;
  if (problem !== undefined) {
    return new Problem(problem, { detail: details[problem] });
  }
  if (hasState(error, foreignKeyViolation)) {
    return new Problem('unknown-reference');
  }
  if (hasState(error, uniqueViolation)) {
    return new Problem('conflict');
  }
  // A plugin's own "no": it has a status, and its text stays here.
  const own = typeof statusCode === 'number' ? (byStatus[statusCode] ?? 'internal') : 'internal';
  return new Problem(own, own === 'unavailable' ? { retryAfterSeconds } : {});
}

const details: Partial<Record<ProblemCode, string>> = {
  'invalid-request': 'The request could not be read.',
  'unsupported-media-type': 'Send application/json.',
};

const byStatus: Partial<Record<number, ProblemCode>> = {
  400: 'invalid-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  408: 'request-timeout',
  413: 'payload-too-large',
  415: 'unsupported-media-type',
  417: 'expectation-failed',
  429: 'rate-limited',
  503: 'unavailable',
};

/** What a schema finds, or a route of its own. */
interface Finding {
  path: readonly PropertyKey[];
  message: string;
  code?: string | undefined;
  /** Of `unrecognized_keys`. */
  keys?: string[];
}

/** `part` is where the input came from; the path of each issue begins with it, and ends at the very field. */
export function invalid(part: string, findings: readonly Finding[]): Problem {
  return new Problem('invalid-request', { issues: findings.flatMap((finding) => toIssues(part, finding)) });
}

function toIssues(part: string, finding: Finding): Issue[] {
  const { path, code, keys = [] } = finding;
  if (code !== 'unrecognized_keys') return [toIssue(part, finding)];
  return keys.map((key) => toIssue(part, { path: [...path, key], message: 'There is no such field.' }));
}

export function toIssue(part: string, { path, message }: Pick<Finding, 'path' | 'message'>): Issue {
  return { path: [part, ...path.map((key) => (typeof key === 'number' ? key : String(key)))], message };
}

/** What could not even be read as HTTP; there is no request yet, so the answer is written to the socket. */
export function answerSocket(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) {
    return;
  }
  const code = socketProblems[error.code] ?? 'invalid-request';
  const body = JSON.stringify(problemBody(code, {}));
  const { status } = problems[code];
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Length: ${body.length}\r\n` +
        `Content-Type: ${problemType}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy(error);
}

const socketProblems: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};
