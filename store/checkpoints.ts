/**
 * Signed checkpoints of accounts as they stand: one per hour, and in them the heads of conversations that had changed. What
 * they say, and how it is checked: worker/audit/checkpoints/. Heads whose checkpoint isn't signed yet are none.
 */
import type { Transaction } from './connection.ts';

export interface CheckpointRow {
  /** Canonical JSON, which the signature is over. */
  document: string;
  keyId: string;
  /** Hex. */
  signature: string;
}

export interface CoveringCheckpoint extends CheckpointRow {
  /** Of the conversation's head among those of the checkpoint, from 0. */
  place: number;
  eventNo: number;
  head: string;
  /** Hashes beside its way to the root, hex, one after another. */
  proof: string;
}

/** Those that hold a head of the conversation, oldest first. */
export async function readCoveringCheckpoints(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<CoveringCheckpoint[]> {
  const { rows } = await tx.query<CoveringCheckpoint>(
    `SELECT c.document, c.key_id AS "keyId", c.signature, h.place, h.event_no AS "eventNo", h.head, h.proof
     FROM checkpoint_heads h JOIN checkpoints c ON c.account_id = h.account_id AND c.no = h.no
     WHERE h.account_id = $1 AND h.conversation_id = $2 ORDER BY h.no`,
    [accountId, conversationId],
  );
  return rows;
}

/** The account's, from the first that holds a head of the conversation on; where none does, the newest alone. */
export async function readCheckpointsFrom(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<CheckpointRow[]> {
  const { rows } = await tx.query<CheckpointRow>(
    `SELECT document, key_id AS "keyId", signature FROM checkpoints
     WHERE account_id = $1
       AND no >= least((SELECT min(no) FROM checkpoint_heads WHERE account_id = $1 AND conversation_id = $2),
                       (SELECT max(no) FROM checkpoints WHERE account_id = $1))
     ORDER BY no`,
    [accountId, conversationId],
  );
  return rows;
}

/** All of the account, oldest first, and how many heads stand with each. */
export async function readAllCheckpoints(
  tx: Transaction,
  accountId: string,
): Promise<(CheckpointRow & { stored: number })[]> {
  const { rows } = await tx.query<CheckpointRow & { stored: number }>(
    `SELECT c.document, c.key_id AS "keyId", c.signature, coalesce(h.stored, 0) AS stored
     FROM checkpoints c LEFT JOIN (SELECT no, count(*) AS stored FROM checkpoint_heads WHERE account_id = $1 GROUP BY no) AS h
       ON h.no = c.no
     WHERE c.account_id = $1 ORDER BY c.no`,
    [accountId],
  );
  return rows;
}

/** Conversations with id above `after` that are there, or that a checkpoint knows. */
export async function readConversationsSeen(
  tx: Transaction,
  accountId: string,
  { after, most }: { after: string; most: number },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `(SELECT conversation_id AS id FROM actors WHERE account_id = $1 AND conversation_id > $2 ORDER BY 1 LIMIT $3)
     UNION
     (SELECT DISTINCT conversation_id FROM checkpoint_heads WHERE account_id = $1 AND conversation_id > $2
        AND no <= (SELECT max(no) FROM checkpoints WHERE account_id = $1) ORDER BY 1 LIMIT $3)
     ORDER BY id LIMIT $3`,
    [accountId, after, most],
  );
  return rows.map(({ id }) => id);
}
