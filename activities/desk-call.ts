/**
 * One call to a desk: offer, line, news or question. Not where the desk is switched off, or has asked to be left alone;
 * what it asks for binds every worker.
 */
import type { Call, DeskAdapter, Failure } from '../adapters/contract.ts';
import type { DeskConnection } from '../store/desk-connection.ts';
import { inTime, noAnswer } from './attempt.ts';
import type { WorkDependencies } from './dependencies.ts';
import { leaveAlone, waitFor } from './rates.ts';
import { connectionOf, unusable } from './transport.ts';

export interface DeskCall {
  accountId: string;
  deskId: string;
  limitMs: number;
}

export async function callDesk<T extends { ok: true }>(
  deps: WorkDependencies,
  { accountId, deskId, limitMs }: DeskCall,
  desk: DeskConnection | null,
  call: (adapter: DeskAdapter, call: Call) => Promise<T | Failure>,
): Promise<T | Failure> {
  const adapter = desk && deps.desks.get(desk.type);
  if (!adapter) return unusable('permanent', 'no-such-desk');
  if (desk.disabled) return unusable('auth', 'desk-disabled');
  const wait = waitFor(desk.blockedUntil, deps.clock());
  if (wait) return wait;
  const connection = connectionOf(accountId, deskId, desk);
  const { http, clock } = deps;
  const answer = await inTime<T | Failure>(
    limitMs,
    (signal) => call(adapter, { http, signal, connection, now: clock() }),
    noAnswer('retryable'),
  );
  return answer.ok ? answer : leaveAlone(deps, accountId, deskId, answer);
}
