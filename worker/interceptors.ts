/** What an activity throws reaches Temporal, the log and the metrics without a word: by its class and code only. */
import { CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { activityInfo } from '@temporalio/activity';
import type { Logger } from 'pino';
import { wordless } from '../activities/failures.ts';
import { shareUsedUp } from '../activities/shares.ts';
import type { WorkerMetrics } from './metrics.ts';

export function wordlessFailures(
  logger: Logger,
  { activityFailures }: Pick<WorkerMetrics, 'activityFailures'>,
): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof CancelledFailure) throw error;
        const failure = wordless(error);
        const { activityType: activity, attempt, workflowExecution } = activityInfo();
        activityFailures.inc({ activity, failure: failure.message });
        if (failure.type !== shareUsedUp) {
          logger.warn(
            { activity, attempt, workflow: workflowExecution?.workflowId, failure: failure.message },
            'activity failed',
          );
        }
        throw failure;
      }
    },
  };
}
