/** Tells a desk that its hand-over is over: resolved here, or somebody else's now. One key for all attempts. */
import { inAccount } from '../store/connection.ts';
import { readDesk } from '../store/desk-connection.ts';
import { handoverId } from '../store/handovers.ts';
import { failed, inTime, noAnswer } from './attempt.ts';
import type { WorkActivities } from './contract.ts';
import type { WorkDependencies } from './dependencies.ts';
import { connectionOf } from './transport.ts';

const defaultTellMs = 12_000;

export function createTellDesk({ pool, desks, http, clock, limits }: WorkDependencies): WorkActivities['tellDesk'] {
  return async ({ accountId, conversationId }, { deskId, handover, no, news: kind }) => {
    const desk = await inAccount(pool, accountId, (tx) => readDesk(tx, accountId, deskId));
    const adapter = desk && desks.get(desk.type);
    if (!adapter) return failed({ class: 'permanent', retryAfterMs: null });
    if (desk.disabled) return failed({ class: 'auth', retryAfterMs: null });
    const news = { handoverId: handoverId(conversationId, handover), kind, key: `${conversationId}:n${no}` };
    const connection = connectionOf(accountId, deskId, desk);
    const told = await inTime(
      limits?.sendMs ?? defaultTellMs,
      (signal) => adapter.tell(news, { http, signal, connection, now: clock() }),
      noAnswer('retryable'),
    );
    return told.ok ? { kind: 'told' } : failed(told);
  };
}
