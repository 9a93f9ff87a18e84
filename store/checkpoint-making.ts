/** What is read and written to make an account's next checkpoint. Each statement runs in the transaction that makes it. */
import type { Pool, Transaction } from './connection.ts';
import type { CheckpointRow, CoveringCheckpoint } from './checkpoints.ts';

/** Of any account in which something was recorded: up to `most` whose newest checkpoint is of an hour before this one. */
export async function accountsToCheckpoint(pool: Pool, hour: Date, most: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM accounts_to_checkpoint($1, $2) AS id', [
    hour,
    most,
  ]);
  return rows.map(({ id }) => id);
}

/** False: somebody else is at it. Until the transaction ends. */
export async function claimCheckpoint(tx: Transaction, accountId: string): Promise<boolean> {
  const { rows } = await tx.query<{ ours: boolean }>('SELECT pg_try_advisory_xact_lock(checkpoint_lock($1)) AS ours', [
    accountId,
  ]);
  return rows[0]?.ours === true;
}

export interface NewestCheckpoint {
  no: number;
  /** epoch ms */
  hour: number;
  document: string;
  reach: Reach;
}

/** Every event of a transaction below `upTo` is covered; a transaction's number means something in one cluster only. */
export interface Reach {
  upTo: string;
  systemId: string;
}

export async function readNewestCheckpoint(tx: Transaction, accountId: string): Promise<NewestCheckpoint | null> {
  const { rows } = await tx.query<Omit<NewestCheckpoint, 'reach'> & Reach>(
    `SELECT no, ms_of(hour) AS hour, document, up_to::text AS "upTo", system_id AS "systemId" FROM checkpoints
     WHERE account_id = $1 ORDER BY no DESC LIMIT 1`,
    [accountId],
  );
  const [row] = rows;
  if (!row) return null;
  const { upTo, systemId, ...rest } = row;
  return { ...rest, reach: { upTo, systemId } };
}

/** How far a reading that begins now reaches: what commits later has a number that is not lower. */
export async function readReach(tx: Transaction): Promise<Reach> {
  const { rows } = await tx.query<Reach>(
    `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS "upTo", system_identifier::text AS "systemId"
     FROM pg_control_system()`,
  );
  const [reach] = rows;
  if (!reach) throw new Error('no-answer');
  return reach;
}

export interface StoredHead {
  conversationId: string;
  eventNo: number;
  head: string;
}

/** Heads of the conversations in which something has been recorded since (null: ever), by their ids. */
export async function readHeadsSince(tx: Transaction, accountId: string, upTo: string | null): Promise<StoredHead[]> {
  const { rows } = await tx.query<StoredHead>(
    `SELECT conversation_id AS "conversationId", event_no AS "eventNo", head FROM actors
     WHERE account_id = $1 AND event_no > 0
       AND ($2::xid8 IS NULL OR conversation_id IN
             (SELECT e.conversation_id FROM domain_events e WHERE e.account_id = $1 AND e.xid >= $2::xid8))
     ORDER BY conversation_id`,
    [accountId, upTo],
  );
  return rows;
}

/** Conversations in which anything was recorded, and their events. */
export async function countRecorded(
  tx: Transaction,
  accountId: string,
): Promise<{ conversations: number; events: number }> {
  const { rows } = await tx.query<{ conversations: number; events: number }>(
    `SELECT count(*) AS conversations, coalesce(sum(event_no), 0)::bigint AS events FROM actors
     WHERE account_id = $1 AND event_no > 0`,
    [accountId],
  );
  return rows[0] ?? { conversations: 0, events: 0 };
}

export interface NewCheckpoint extends CheckpointRow {
  no: number;
  hour: Date;
  reach: Reach;
  /** In their places. */
  heads: StoredHead[];
  proofOf(place: number): CoveringCheckpoint['proof'];
}

/** A megabyte, and some milliseconds. */
const headsPerStatement = 1_000;

export async function insertCheckpoint(
  tx: Transaction,
  accountId: string,
  { no, hour, document, keyId, signature, reach, heads, proofOf }: NewCheckpoint,
): Promise<void> {
  await tx.query(
    `INSERT INTO checkpoints (account_id, no, hour, document, key_id, signature, up_to, system_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7::xid8, $8)`,
    [accountId, no, hour, document, keyId, signature, reach.upTo, reach.systemId],
  );
  for (let from = 0; from < heads.length; from += headsPerStatement) {
    const some = heads.slice(from, from + headsPerStatement);
    await tx.query(
      `INSERT INTO checkpoint_heads (account_id, no, place, conversation_id, event_no, head, proof)
       SELECT $1, $2, $3 + h.ordinality - 1, h.conversation_id, h.event_no, h.head, h.proof
       FROM unnest($4::uuid[], $5::bigint[], $6::text[], $7::text[]) WITH ORDINALITY
         AS h (conversation_id, event_no, head, proof, ordinality)`,
      [
        accountId,
        no,
        from,
        some.map(({ conversationId }) => conversationId),
        some.map(({ eventNo }) => eventNo),
        some.map(({ head }) => head),
        some.map((_, index) => proofOf(from + index)),
      ],
    );
  }
}
