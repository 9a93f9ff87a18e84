/** A span for every request, by its route: the address itself may hold a secret. */
import type { Span } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { fail, spanIdsOf, startServerSpan } from '../process/spans.ts';
import { idsOf } from './logging.ts';

declare module 'fastify' {
  interface FastifyRequest {
    span: Span | null;
  }
}

export function traceRequests(app: FastifyInstance): void {
  app.decorateRequest('span', null);
  // With a callback: what comes after runs within the span.
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    const route = routeOptions.url ?? 'none';
    request.span = startServerSpan(`${method} ${route}`, headers, done);
    request.span.setAttributes({
      'http.request.method': method,
      'http.route': route,
      ...spanIdsOf({ requestId: request.id }),
    });
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    const { account, conversation } = idsOf(request);
    request.span?.setAttributes({
      'http.response.status_code': statusCode,
      ...spanIdsOf({ accountId: account, conversationId: conversation }),
    });
    if (request.span && statusCode >= 500) fail(request.span, String(statusCode));
    request.span?.end();
  });
}
