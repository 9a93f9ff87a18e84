/** A span for every attempt of an activity, under the conversation that it works for. */
import { activityInfo } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { inSpan, spanIdsOf } from '../process/spans.ts';
import { parseWorkflowId } from '../workflows/conversation/messages.ts';

export function tracedActivities(): ActivityInboundCallsInterceptor {
  return {
    execute(input, next) {
      const { activityType, attempt, workflowExecution } = activityInfo();
      const actor = parseWorkflowId(workflowExecution?.workflowId ?? '');
      const attributes = { ...spanIdsOf(actor ?? {}), 'baton.attempt': attempt };
      return inSpan(`activity ${activityType}`, attributes, () => next(input));
    },
  };
}
