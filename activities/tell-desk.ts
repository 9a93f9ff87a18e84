/** Tells a desk that its hand-over is over: resolved here, or somebody else's now. One key for all attempts. */
import { inAccount } from '../store/connection.ts';
import { readDesk } from '../store/party-connection.ts';
import { handoverId } from '../store/handovers.ts';
import { attemptMs } from '../workflows/conversation/attempt-limits.ts';
import { failed } from './attempt.ts';
import type { WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { callDesk } from './desk-call.ts';

export function createTellDesk(deps: WorkDependencies): WorkActivities['tellDesk'] {
  return async ({ accountId, conversationId }, { deskId, handover, no, news: kind }) => {
    const desk = await inAccount(deps.pool, accountId, (tx) => readDesk(tx, accountId, deskId));
    const news = { handoverId: handoverId(conversationId, handover), kind, key: `${conversationId}:n${no}` };
    const limitMs = deps.limits?.sendMs ?? attemptMs;
    const told = await callDesk(deps, { accountId, deskId, limitMs }, desk, (adapter, call) =>
      adapter.tell(news, call),
    );
    return told.ok ? { kind: 'told' } : failed(told);
  };
}
