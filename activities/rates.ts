/** A connection that asks to be left alone is left alone by every worker. */
import type { Failure } from '../adapters/contract/call.ts';
import { failure } from '../adapters/outcomes.ts';
import { inAccount } from '../store/connection.ts';
import { blockConnection } from '../store/rates.ts';
import type { WorkDependencies } from './dependencies.ts';

/** How long a connection that asked for less is left alone where it didn't say how long. */
export const pauseMs = 1_000;

/** `blockedUntil`: epoch ms. null: nobody asked to wait. */
export function waitFor(blockedUntil: number | null, now: number): Failure | null {
  if (blockedUntil === null || blockedUntil <= now) return null;
  return failure('throttled', 'left-alone', blockedUntil - now);
}

/** The same failure, with the time that is waited, once every worker knows. */
export async function leaveAlone(
  { pool, clock }: Pick<WorkDependencies, 'pool' | 'clock'>,
  accountId: string,
  connectionId: string,
  failed: Failure,
): Promise<Failure> {
  const retryAfterMs = failed.retryAfterMs ?? (failed.class === 'throttled' ? pauseMs : null);
  if (retryAfterMs === null) return failed;
  const until = clock() + retryAfterMs;
  await inAccount(pool, accountId, (tx) => blockConnection(tx, accountId, connectionId, until));
  return { ...failed, retryAfterMs };
}
