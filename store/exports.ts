/** Files of conversations that were exported: which are to be made, and a note of each that is, for whoever erases its contact. */
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export interface ExportNote {
  id: string;
  contactId: string;
  /** As the file says. */
  erased: boolean;
  madeAt: Date;
  /** As whom they are logged in, and where. */
  madeBy: string;
  /** Its whole path. */
  file: string;
  /** Of the file, hex. */
  sha256: string;
}

/**
 * False, and nothing is noted, where the conversation is by now another contact's or its contact has been erased: what the file
 * would hold must not be written. Waits for an erasure that is under way; one that comes later finds the note.
 */
export async function noteExport(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { id, contactId, erased, madeAt, madeBy, file, sha256 }: ExportNote,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO exports (account_id, id, conversation_id, contact_id, made_at, made_by, file, sha256)
     SELECT $1, $3, $2, k.id, $6, $7, $8, $9
     FROM (SELECT k.id FROM conversations c JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
           WHERE c.account_id = $1 AND c.id = $2 AND k.id = $4 AND (k.erased_at IS NOT NULL) = $5
           FOR SHARE OF k) AS k`,
    [accountId, conversationId, id, contactId, erased, madeAt, madeBy, file, sha256],
  );
  return rowCount === 1;
}

/** Conversations with id above `after` in which something was recorded at `since` or later, by their last event. */
export async function readRecordedSince(
  tx: Transaction,
  accountId: string,
  { since, after, most }: { since: Date; after: string; most: number },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT a.conversation_id AS id FROM actors a
       JOIN domain_events e ON e.account_id = a.account_id AND e.conversation_id = a.conversation_id AND e.no = a.event_no
     WHERE a.account_id = $1 AND a.conversation_id > $2 AND e.recorded_at >= $3
     ORDER BY a.conversation_id LIMIT $4`,
    [accountId, after, since, most],
  );
  return rows.map(({ id }) => id);
}
