/**
 * One call to a desk: offer, line, news or question. Not where the desk is switched off, or has asked to be left alone;
 * what it asks for binds every worker.
 */
import type { Call, Failure } from '../adapters/contract/call.ts';
import type { DeskAdapter } from '../adapters/contract/desk.ts';
import { failure, repeatable } from '../adapters/outcomes.ts';
import type { PartyConnection } from '../store/party-connection.ts';
import { callAdapter } from './adapter-call.ts';
import { inTime } from './attempt.ts';
import type { WorkDependencies } from './dependencies.ts';
import { leaveAlone, waitFor } from './rates.ts';
import { connectionOf } from './transport.ts';

export interface DeskCall {
  accountId: string;
  deskId: string;
  limitMs: number;
}

export async function callDesk<T extends { ok: true }>(
  deps: WorkDependencies,
  { accountId, deskId, limitMs }: DeskCall,
  desk: PartyConnection | null,
  call: (adapter: DeskAdapter, call: Call) => Promise<T | Failure>,
): Promise<T | Failure> {
  const adapter = desk && deps.desks.get(desk.type);
  if (!adapter) return failure('permanent', 'no-such-desk');
  if (desk.disabled) return failure('auth', 'desk-disabled');
  const wait = waitFor(desk.blockedUntil, deps.clock());
  if (wait) return wait;
  const to = { type: desk.type, connection: connectionOf(accountId, deskId, desk) };
  const answer = await inTime<T | Failure>(
    limitMs,
    (signal) => callAdapter(deps, to, signal, (outside) => call(adapter, outside)),
    failure('retryable', 'no-answer'),
  );
  return answer.ok ? answer : leaveAlone(deps, accountId, deskId, repeatable(answer));
}
