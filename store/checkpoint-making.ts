/** What is read and written to make an account's next checkpoint, under the claim to it. */
import { inSession, type Pool, type Session, type Transaction } from './connection.ts';
import type { CheckpointRow, CoveringCheckpoint } from './checkpoints.ts';

/** Of any account in which something was recorded: up to `most` whose newest checkpoint is of an hour before this one. */
export async function accountsToCheckpoint(pool: Pool, hour: Date, most: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM accounts_to_checkpoint($1, $2) AS id', [
    hour,
    most,
  ]);
  return rows.map(({ id }) => id);
}

/**
 * Runs `work` unless somebody else is at this account's next checkpoint: then false. The lock is the connection's, and all that
 * `work` writes goes over it: a worker that has lost the lock can't write any more.
 */
export async function claimCheckpoint(
  pool: Pool,
  accountId: string,
  work: (session: Session) => Promise<boolean>,
): Promise<boolean> {
  return inSession(pool, async (session) => {
    const { rows } = await session.query<{ ours: boolean }>(
      'SELECT pg_try_advisory_lock(checkpoint_lock($1)) AS ours',
      [accountId],
    );
    if (rows[0]?.ours !== true) return false;
    try {
      return await work(session);
    } finally {
      await session.query('SELECT pg_advisory_unlock(checkpoint_lock($1))', [accountId]).catch(session.close);
    }
  });
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
const headsPerTransaction = 1_000;

/**
 * The heads first, and last the signed row, without which nobody sees them: so no transaction is long. From its first write on one
 * keeps the feed from showing what is newer.
 */
export async function insertCheckpoint(session: Session, accountId: string, checkpoint: NewCheckpoint): Promise<void> {
  await removeUnsignedHeads(session, accountId);
  for (let from = 0; from < checkpoint.heads.length; from += headsPerTransaction) {
    const rows = headRows(checkpoint, from);
    await session.inAccount(accountId, (tx) =>
      tx.query(
        `INSERT INTO checkpoint_heads (account_id, no, place, conversation_id, event_no, head, proof)
         SELECT $1, $2, $3 + h.ordinality - 1, h.conversation_id, h.event_no, h.head, h.proof
         FROM unnest($4::uuid[], $5::bigint[], $6::text[], $7::text[]) WITH ORDINALITY
           AS h (conversation_id, event_no, head, proof, ordinality)`,
        [accountId, checkpoint.no, from, ...rows],
      ),
    );
  }
  const { no, hour, document, keyId, signature, reach } = checkpoint;
  await session.inAccount(accountId, (tx) =>
    tx.query(
      `INSERT INTO checkpoints (account_id, no, hour, document, key_id, signature, up_to, system_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7::xid8, $8)`,
      [accountId, no, hour, document, keyId, signature, reach.upTo, reach.systemId],
    ),
  );
}

/** Made before the transaction begins: what is computed in it holds it open. */
function headRows({ heads, proofOf }: NewCheckpoint, from: number): [string[], number[], string[], string[]] {
  const some = heads.slice(from, from + headsPerTransaction);
  return [
    some.map(({ conversationId }) => conversationId),
    some.map(({ eventNo }) => eventNo),
    some.map(({ head }) => head),
    some.map((_, index) => proofOf(from + index)),
  ];
}

/** A worker that died has left them: their conversations may have gone on since, so they are written anew. */
async function removeUnsignedHeads(session: Session, accountId: string): Promise<void> {
  for (;;) {
    const { rows } = await session.query<{ removed: number }>('SELECT remove_unsigned_heads($1, $2) AS removed', [
      accountId,
      headsPerTransaction,
    ]);
    if ((rows[0]?.removed ?? 0) < headsPerTransaction) return;
  }
}
