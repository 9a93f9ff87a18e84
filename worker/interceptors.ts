/**
 * No text of a database or a provider enters a history: every failure of an activity is replaced by its class and code.
 * Operators and the canary test rely on it.
 */
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { activityInfo } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { WorkerMetrics } from './metrics.ts';

export function namedFailures(logger: Logger, metrics: WorkerMetrics): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof CancelledFailure) throw error;
        const failure = namedFailure(error);
        const { activityType: activity } = activityInfo();
        metrics.activityFailures.inc({ activity, failure: failure.message });
        logger.warn({ activity, failure: failure.message }, 'activity failed');
        throw failure;
      }
    },
  };
}

function namedFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure && error.nonRetryable) {
    return bare(codeOf(error), true);
  }
  return bare(codeOf(error), false);
}

function bare(code: string, nonRetryable: boolean): ApplicationFailure {
  const failure = ApplicationFailure.create({ message: code, type: code, nonRetryable });
  failure.stack = '';
  return failure;
}

/** SQLSTATE, system code or class: short, and free of what the error was about. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { code, type, name } = error as { code?: unknown; type?: unknown; name?: unknown };
  for (const candidate of [code, type, name]) {
    if (typeof candidate === 'string' && /^[\w.-]{1,64}$/.test(candidate)) return candidate;
  }
  return 'unknown';
}
