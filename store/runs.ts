/** The runs of actors: the build that wrote each, and its exported history. */
import type { Pool, Transaction } from './connection.ts';

export interface Run {
  runId: string;
  build: string;
  /** Times: epoch ms. */
  startedAt: number;
  exportedAt: number | null;
  /** Temporal was asked for its history and had it no longer. */
  goneAt: number | null;
  /** Of the exported history's text, hex. */
  sha256: string | null;
}

/** Runs of a conversation, oldest first. */
export async function readRuns(tx: Transaction, accountId: string, conversationId: string): Promise<Run[]> {
  const { rows } = await tx.query<Run>({
    name: 'read-runs',
    text: `SELECT run_id AS "runId", build, ms_of(started_at) AS "startedAt", ms_of(exported_at) AS "exportedAt",
                  ms_of(history_gone_at) AS "goneAt", history_sha256 AS sha256
           FROM runs WHERE account_id = $1 AND conversation_id = $2 ORDER BY started_at, run_id`,
    values: [accountId, conversationId],
  });
  return rows;
}

/** The exported history, gzip of Temporal's JSON; null where it is not exported. */
export async function readRunHistory(
  tx: Transaction,
  accountId: string,
  conversationId: string,
  runId: string,
): Promise<Buffer | null> {
  const { rows } = await tx.query<{ history: Buffer | null }>({
    name: 'read-run-history',
    text: 'SELECT history FROM runs WHERE account_id = $1 AND conversation_id = $2 AND run_id = $3',
    values: [accountId, conversationId, runId],
  });
  return rows[0]?.history ?? null;
}

/** Every conversation of the account that has run, oldest first. */
export async function readConversationsWithRuns(tx: Transaction, accountId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>({
    name: 'read-conversations-with-runs',
    text: `SELECT conversation_id AS id FROM runs WHERE account_id = $1
           GROUP BY conversation_id ORDER BY min(started_at), conversation_id`,
    values: [accountId],
  });
  return rows.map(({ id }) => id);
}

export interface UnexportedRun {
  accountId: string;
  conversationId: string;
  runId: string;
}

/**
 * Up to `most` finished runs of any account that started before `startedBefore` and have no exported history; ours alone
 * for a minute. See `claim_unexported_runs` (0040) for which, and for when one comes again.
 */
export async function claimUnexportedRuns(
  pool: Pool,
  { now, startedBefore, most }: { now: Date; startedBefore: Date; most: number },
): Promise<UnexportedRun[]> {
  const { rows } = await pool.query<UnexportedRun>({
    name: 'claim-unexported-runs',
    text: `SELECT account_id AS "accountId", conversation_id AS "conversationId", run_id AS "runId"
           FROM claim_unexported_runs($1, $2, $3)`,
    values: [now, startedBefore, most],
  });
  return rows;
}

/** Says that this run's history can't be had any more; an exported one stays. */
export async function markHistoryGone(
  tx: Transaction,
  accountId: string,
  conversationId: string,
  { runId, now }: { runId: string; now: Date },
): Promise<void> {
  await tx.query({
    name: 'mark-history-gone',
    text: `UPDATE runs SET history_gone_at = $4
           WHERE account_id = $1 AND conversation_id = $2 AND run_id = $3
             AND exported_at IS NULL AND history_gone_at IS NULL`,
    values: [accountId, conversationId, runId, now],
  });
}
