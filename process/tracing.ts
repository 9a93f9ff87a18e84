/**
 * OpenTelemetry, for whoever opts in by naming a collector: `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`). The
 * other `OTEL_…` variables of the SDK hold as well (sampler, headers, resource attributes, batches). A collector that is
 * away costs spans and nothing else.
 */
import type { Logger } from 'pino';
import type { Env } from './settings.ts';

export interface Tracing {
  /** Sends what is left. */
  stop(): Promise<void>;
}

const off: Tracing = { stop: async () => undefined };

/** Before the first span; once in a process. */
export async function startTracing(env: Env, service: string, logger: Pick<Logger, 'warn'>): Promise<Tracing> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces, OTEL_SDK_DISABLED: no } = env;
  if (!(traces ?? all) || no === 'true') return off;
  // Loaded only here: whoever does not trace does not wait for it at the start.
  const [api, sdk, { OTLPTraceExporter }, { detectResources, envDetector, resourceFromAttributes }] = await Promise.all(
    [
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ],
  );
  // What it complains of quotes addresses, which may hold a secret.
  const quiet = (): void => undefined;
  const complain = (): void => logger.warn('traces are not delivered');
  api.diag.setLogger(
    { error: complain, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
    api.DiagLogLevel.ERROR,
  );
  const named = resourceFromAttributes({ 'service.name': service });
  const provider = new sdk.NodeTracerProvider({
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return { stop: () => provider.shutdown().catch(quiet) };
}
