import { inAccount, type Pool } from '../../store/connection.ts';
import { readRuns } from '../../store/runs.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';

/** The runs that an actor has had, as each notes when it begins. */
export async function runIdsOf(pool: Pool, { accountId, conversationId }: ActorId): Promise<string[]> {
  const runs = await inAccount(pool, accountId, (tx) => readRuns(tx, accountId, conversationId));
  return runs.map(({ runId }) => runId);
}

export async function runsOf(pool: Pool, id: ActorId): Promise<number> {
  return (await runIdsOf(pool, id)).length;
}
