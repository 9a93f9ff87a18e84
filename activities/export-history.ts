/**
 * Stores the history of a finished run where the rest of the conversation's record is, so that it can be replayed and
 * compared for longer than Temporal keeps it. Done twice, it is done once: the first export stays.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { historyToJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import type { ActorId } from '../workflows/conversation/messages.ts';
import { storeRunHistory } from '../store/actor.ts';
import { inAccount, type Pool } from '../store/connection.ts';
import { markHistoryGone } from '../store/runs.ts';

export interface FetchedHistory {
  history: History;
  /** The run has ended: nothing more will be added. */
  closed: boolean;
}

/** A run's history as Temporal has it; null where Temporal has it no longer. Throws where Temporal can't be asked. */
export type FetchHistory = (actor: ActorId, runId: string) => Promise<FetchedHistory | null>;

export interface ExportDependencies {
  pool: Pool;
  fetchHistory: FetchHistory;
  /** epoch ms */
  clock: () => number;
}

/** `gone`: past Temporal's retention, and marked as such. `running`: not finished, so nothing was stored. */
export type Exported = 'exported' | 'gone' | 'running';

export async function exportRun(
  { pool, fetchHistory, clock }: ExportDependencies,
  actor: ActorId,
  runId: string,
): Promise<Exported> {
  const { accountId, conversationId } = actor;
  const fetched = await fetchHistory(actor, runId);
  if (fetched === null) {
    const now = new Date(clock());
    await inAccount(pool, accountId, (tx) => markHistoryGone(tx, accountId, conversationId, { runId, now }));
    return 'gone';
  }
  if (!fetched.closed) return 'running';
  const { compressed, sha256 } = await packHistory(fetched.history);
  await storeRunHistory(pool, accountId, conversationId, {
    runId,
    history: compressed,
    sha256,
    now: new Date(clock()),
  });
  return 'exported';
}

export function createExportHistory(dependencies: ExportDependencies) {
  return async (actor: ActorId, runId: string): Promise<void> => {
    await exportRun(dependencies, actor, runId);
  };
}

/** Temporal's JSON, which its own tools read, too; the hash is of the text and not of its compressed form. */
async function packHistory(history: History): Promise<{ compressed: Buffer; sha256: string }> {
  const text = historyToJSON(history);
  const sha256 = createHash('sha256').update(text, 'utf8').digest('hex');
  return { compressed: await promisify(gzip)(text), sha256 };
}
