/** What an actor starts from, and the runs that it has lived through. */
import type { Pool, Transaction } from './connection.ts';
import type { ActorRow } from './record.ts';

/**
 * Loads the actor's row, notes the run, lets the courier's batches through again, and sets the courier's cursor back
 * where rows were handed to a run that is gone and this one doesn't have them all in hand.
 */
export async function loadActor(
  tx: Transaction,
  accountId: string,
  conversationId: string,
  run: { runId: string; build: string; inHand: { first: number; last: number } | null; now: Date },
): Promise<{ row: ActorRow; unexported: string | null }> {
  const { rows } = await tx.query<{ row: ActorRow | null; unexported: string | null }>({
    name: 'load-actor',
    text: 'SELECT stored_actor($1, $2) AS row, note_run($1, $2, $3, $4, $5, $6, $7) AS unexported',
    values: [accountId, conversationId, run.runId, run.build, run.inHand?.first, run.inHand?.last, run.now],
  });
  const [loaded] = rows;
  if (!loaded?.row) throw new UnknownConversation();
  return { row: loaded.row, unexported: loaded.unexported };
}

/** Nobody starts an actor before its conversation is stored, so this is a bug or a foreign start. */
class UnknownConversation extends Error {
  constructor() {
    super('unknown-conversation');
    this.name = 'UnknownConversation';
  }
}

export async function storeRunHistory(
  pool: Pool,
  accountId: string,
  conversationId: string,
  run: { runId: string; history: Buffer; sha256: string; now: Date },
): Promise<void> {
  await pool.query({
    name: 'store-run-history',
    text: 'SELECT store_run_history($1, $2, $3, $4, $5, $6)',
    values: [accountId, conversationId, run.runId, run.history, run.sha256, run.now],
  });
}
