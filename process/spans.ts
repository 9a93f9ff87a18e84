/**
 * Spans for OpenTelemetry: what took how long, for whom. Where nobody has opted in (tracing.ts) they cost nothing. Names
 * and attributes hold routes, kinds, codes and ids; no word, no name, no address of anybody.
 */
import { type Attributes, context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { codeOf } from './failures.ts';

const tracer = trace.getTracer('baton');

type Known = Partial<Record<'accountId' | 'conversationId' | 'requestId', string | undefined>>;

/** As spans name what they are about; what is not known is left out. */
export function spanIdsOf(ids: Known): Attributes {
  return {
    ...(ids.accountId !== undefined && { 'baton.account': ids.accountId }),
    ...(ids.conversationId !== undefined && { 'baton.conversation': ids.conversationId }),
    ...(ids.requestId !== undefined && { 'baton.request': ids.requestId }),
  };
}

/** A span around `work`; what it throws is the span's failure, by its code. */
export function inSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { attributes, kind: SpanKind.INTERNAL }, async (span) => {
    try {
      return await work();
    } catch (error) {
      fail(span, codeOf(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** For a request that came in; it goes on with the caller's trace (W3C `traceparent`), where there is one. `run` is within it. */
export function startServerSpan(name: string, headers: object, run: () => void): Span {
  const outer = propagation.extract(context.active(), headers);
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, outer);
  context.with(trace.setSpan(outer, span), run);
  return span;
}

/** A code, never a message: messages quote values. */
export function fail(span: Span, code: string): void {
  span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR });
}
