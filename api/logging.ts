/**
 * One JSON line a request, with ids only: no body, no header, no query, no address of a person; of an error its class, its
 * code and where it came from, never its message (a database quotes values in it).
 */
import type { FastifyInstance } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';
import { describeError } from '../process/failures.ts';

/** What Fastify and its plugins hand to the logger by themselves is cut down to this. */
export const safeSerializers = {
  err: describeError,
  error: describeError,
  req: () => undefined,
  res: () => undefined,
};

export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: { service: 'baton-api' }, serializers: safeSerializers };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const quiet = new Set(['/livez', '/readyz', '/metrics']);

export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? null;
    request.log[quiet.has(route ?? '') && reply.statusCode < 500 ? 'debug' : 'info'](
      {
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...idsOf(request),
      },
      'request',
    );
  });
}

/** Which account and conversation a line is about. */
export function idsOf(request: FastifyRequestLike): { account?: string; principal?: string; conversation?: string } {
  const params = request.params as { conversationId?: unknown } | undefined;
  const conversation = params?.conversationId;
  return {
    ...(request.signedIn === null ? {} : { account: request.signedIn.accountId, principal: request.signedIn.id }),
    ...(typeof conversation === 'string' && uuidPattern.test(conversation) ? { conversation } : {}),
  };
}

interface FastifyRequestLike {
  params: unknown;
  signedIn: { accountId: string; id: string } | null;
}

const uuidPattern = /^[0-9a-f-]{36}$/i;
