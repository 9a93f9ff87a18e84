import { inAccount, type Pool } from '../../store/connection.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';

/** How many runs an actor has had, as each notes when it begins. */
export function runsOf(pool: Pool, { accountId, conversationId }: ActorId): Promise<number> {
  return inAccount(pool, accountId, async (tx) => {
    const query = 'SELECT 1 FROM runs WHERE account_id = $1 AND conversation_id = $2';
    return (await tx.query(query, [accountId, conversationId])).rows.length;
  });
}
