/** The Temporal SDK's own log lines, as ours: JSON, from warnings upwards. Once per process, before its first worker. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

export function useLogger(logger: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const { sdkComponent, state } = (meta ?? {}) as { sdkComponent?: unknown; state?: unknown };
      const fields = { sdkComponent, state };
      if (level === 'ERROR') logger.error(fields, message);
      else logger.warn(fields, message);
    }),
  });
}
