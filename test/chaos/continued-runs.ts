/** How often conversations have continued as new, as Temporal itself tells it. */
import { connect } from '../../courier/connection.ts';
import { workflowId } from '../../workflows/conversation/messages.ts';
import type { ChaosAccount } from './account.ts';
import type { Arena } from './arena.ts';

export interface ContinuedRuns {
  /** Runs of this conversation that have ended so. */
  of(conversationId: string): Promise<number>;
  close(): Promise<void>;
}

export function countContinuedRuns({ installation }: Arena, { accountId }: ChaosAccount): ContinuedRuns {
  const temporal = connect({ address: installation.temporalAddress, namespace: 'default' });
  return {
    async of(conversationId) {
      const id = workflowId({ accountId, conversationId });
      const query = `WorkflowId = '${id}' AND ExecutionStatus = 'ContinuedAsNew'`;
      const { count } = await temporal.client.connection.workflowService.countWorkflowExecutions({
        namespace: 'default',
        query,
      });
      return Number(count);
    },
    close: () => temporal.close(),
  };
}
