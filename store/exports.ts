/** Files of conversations that were exported: which are to be made, and a note of each that is, for whoever erases its contact. */
import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export interface ExportNote {
  id: string;
  /** As they were when its words were read. */
  people: People;
  madeAt: Date;
  /** As whom they are logged in, and where. */
  madeBy: string;
  /** Its whole path. */
  file: string;
  /** Of the file, hex. */
  sha256: string;
}

/** Whose words may stand in a conversation: its contact's, and those of others who wrote in its thread. */
export interface People {
  contactId: string;
  /** Those who are erased, in order. */
  erased: string[];
  /** Of somebody words are being erased at this moment: some may be there still. */
  erasing: boolean;
}

/** Null where the account has no such conversation. */
export function readPeople(tx: Transaction, id: ActorId): Promise<People | null> {
  return peopleOf(tx, id, '');
}

async function peopleOf(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  lock: '' | 'FOR SHARE OF k',
): Promise<People | null> {
  const { rows } = await tx.query<{ id: string; isContact: boolean; erased: boolean; erasing: boolean }>(
    `SELECT k.id, k.id = c.contact_id AS "isContact", k.erased_at IS NOT NULL AS erased,
            EXISTS (SELECT 1 FROM erasures e WHERE e.account_id = $1 AND e.contact_id = k.id AND e.finished_at IS NULL) AS erasing
     FROM conversations c JOIN contacts k ON k.account_id = $1 AND (k.id = c.contact_id OR k.id::text IN (
       SELECT author_id FROM messages m WHERE m.account_id = $1 AND m.conversation_id = c.id AND m.guest))
     WHERE c.account_id = $1 AND c.id = $2 ORDER BY k.id ${lock}`,
    [accountId, conversationId],
  );
  const contact = rows.find(({ isContact }) => isContact);
  if (contact === undefined) return null;
  const erased = rows.filter((one) => one.erased).map(({ id }) => id);
  return { contactId: contact.id, erased, erasing: rows.some(({ erasing }) => erasing) };
}

/**
 * Are they as they were when the file's words were read? Waits for an erasure that is under way, and until this transaction
 * ends another one waits: what is written meanwhile is there when it lists the files, and before it answers.
 */
export async function areAsRead(tx: Transaction, id: ActorId, read: People): Promise<boolean> {
  const now = await peopleOf(tx, id, 'FOR SHARE OF k');
  return !read.erasing && isDeepStrictEqual(now, read);
}

/** Before the file is there: one with words that nobody finds is worse than a note of one that never was finished. */
export async function noteExport(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { id, people, madeAt, madeBy, file, sha256 }: ExportNote,
): Promise<void> {
  await tx.query(
    `INSERT INTO exports (account_id, id, conversation_id, contact_id, without, made_at, made_by, file, sha256)
     VALUES ($1, $3, $2, $4, $5, $6, $7, $8, $9)`,
    [accountId, conversationId, id, people.contactId, people.erased, madeAt, madeBy, file, sha256],
  );
}

/** A file that holds words of somebody who was erased after it was made. */
export interface StaleExport {
  /** Its whole path. */
  file: string;
  /** Epoch ms. */
  madeAt: number;
  /** null: nobody says. */
  madeBy: string | null;
}

/** Of one conversation. */
export async function readStaleExports(
  tx: Transaction,
  accountId: string,
  conversationId: string,
): Promise<StaleExport[]> {
  const { rows } = await tx.query<StaleExport>(
    `SELECT x.file, ms_of(x.made_at) AS "madeAt", x.made_by AS "madeBy" FROM exports x
     WHERE x.account_id = $1 AND x.conversation_id = $2 AND EXISTS (
       SELECT 1 FROM contacts k WHERE k.account_id = $1 AND k.erased_at IS NOT NULL AND k.id <> ALL (x.without)
         AND (k.id = x.contact_id OR k.id::text IN (
           SELECT author_id FROM messages m WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.guest)))
     ORDER BY x.made_at, x.id`,
    [accountId, conversationId],
  );
  return rows;
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
