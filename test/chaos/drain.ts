/** Whether everything comes to rest by itself once nothing is in its way any more. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import type { ChaosAccount } from './account.ts';
import { type Backlog, readBacklog } from './stored.ts';

export interface Drained {
  ms: number;
  /** null: nothing. */
  left: Backlog | null;
}

/** `limitMs`: after that it is a finding, and no longer waited for. */
export async function drain({ admin }: Arena, { accountId }: ChaosAccount, limitMs: number): Promise<Drained> {
  const startedAt = performance.now();
  for (;;) {
    const backlog = await readBacklog(admin, accountId).catch(() => null);
    const ms = Math.round(performance.now() - startedAt);
    if (backlog && Object.values(backlog).every((count) => count === 0)) return { ms, left: null };
    if (ms > limitMs) return { ms, left: backlog };
    await pause(100);
  }
}
