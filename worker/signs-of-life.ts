/**
 * Says to Temporal, for every attempt that waits for it, that this worker is alive. So what a dead one had begun is repeated
 * within seconds, and not only when an attempt's longest time is over; a slow network has all of that time.
 */
import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { beatMs } from '../workflows/conversation/attempt-limits.ts';

export function signsOfLife(context: Context): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      if (context.info.heartbeatTimeoutMs === undefined) return next(input);
      const beats = setInterval(() => context.heartbeat(), beatMs);
      try {
        return await next(input);
      } finally {
        clearInterval(beats);
      }
    },
  };
}
