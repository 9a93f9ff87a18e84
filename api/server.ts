/** The HTTP server, with the limits of what it reads and how it answers what can't be read as a request. */
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { v7 as uuid } from 'uuid';
import type { ApiDependencies } from './dependencies.ts';
import { answer, answerSocket } from './errors.ts';
import { safeSerializers } from './logging.ts';

export function createServer({ config, logger }: Pick<ApiDependencies, 'config' | 'logger'>): FastifyInstance {
  const log: FastifyBaseLogger = logger.child({}, { serializers: safeSerializers });
  return Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    genReqId: () => uuid(),
    requestIdHeader: false,
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
    bodyLimit: config.bodyLimit,
    requestTimeout: config.requestTimeoutMs,
    // While the process drains, requests on open connections are still answered.
    return503OnClosing: false,
    http: { maxHeaderSize: 16_384, ...slowClients(config) },
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: answerSocket,
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
  });
}

/** Node looks for them every half a minute unless told, and waits twice as long for headers as we do for all. */
const slowClients = ({ requestTimeoutMs }: ApiDependencies['config']) => ({
  headersTimeout: requestTimeoutMs,
  connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000),
});
