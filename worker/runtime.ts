/** The Temporal SDK's own log lines, as ours: JSON, from warnings upwards. Before a process's first worker; once. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

let isInstalled = false;

/** `metricsAddress`: host:port where the SDK's own metrics (pollers, slots, latencies) are served to Prometheus. */
export function useLogger(logger: Logger, metricsAddress?: string): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({
    // Whoever runs the worker says when it leaves; left to itself, the SDK answers the process's signals, too.
    shutdownSignals: [],
    // Without `forward` the native part would print its lines itself, as it likes.
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAddress !== undefined && { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const { sdkComponent, state } = (meta ?? {}) as { sdkComponent?: unknown; state?: unknown };
      const fields = { sdkComponent, state };
      if (level === 'ERROR') logger.error(fields, message);
      else logger.warn(fields, message);
    }),
  });
}
