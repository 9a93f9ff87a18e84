/** What operators watch, over all accounts: sums and ages, and nothing of anybody. */
import { callFunction } from './call.ts';
import type { Pool } from './connection.ts';

/** Counts go up to 10,000 (the queue's and the inbox's are whole; the feed's is up to so many for each account and kind). */
export interface VitalSigns {
  /** Inbox rows that wait for a courier. */
  inboxBacklog: number;
  /** Rows that the feed can't show yet, because an older transaction runs; and the age of the oldest. */
  feedHeldRows: number;
  feedLagSeconds: number;
  /** Actors that ought to have done something 5 s ago or earlier, and the longest overdue. */
  dueActors: number;
  overdueSeconds: number;
  queueEntries: number;
  /** How long the customer who waits longest has waited. */
  queueWaitSeconds: number;
  /** Messages that failed, or of which nobody knows, and that nobody has sent again. */
  deadLetters: number;
  /** Inputs that could not be read or decided on, and that nobody has resumed. */
  parkedInputs: number;
  /** Since the hour of the newest checkpoint, in the account that lags most; null: nobody ever signed any. */
  checkpointAgeSeconds: number | null;
}

/** `now`: epoch ms */
export function readVitalSigns(pool: Pool, now: number): Promise<VitalSigns> {
  const text = `SELECT vital_signs($1) || jsonb_build_object('checkpointAgeSeconds', checkpoint_age($1)) AS answer`;
  return callFunction(pool, { name: 'vital-signs', text }, [new Date(now)]);
}
