/**
 * Erasing a contact. Guarantees to the route, once it is finished: no word, id or address of theirs is left in any column
 * that 0042 calls a customer's, none gets in later, and what is left (ids, times, numbers, codes, digests without their key)
 * keeps chain, folds and replays whole. How stands in 0061.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { callFunction } from './call.ts';
import type { ChangedBy } from './contacts.ts';
import type { Pool } from './connection.ts';
import { retryDeadlock } from './deadlock.ts';

export interface ErasedContact {
  accountId: string;
  contactId: string;
}

export type Erasure =
  /** People have these conversations, or are awaited there; nothing has happened. */
  | { kind: 'open'; conversations: string[] }
  /** Of the first erasure, however often it is asked for. `at` is epoch ms. */
  | { kind: 'erased'; at: number; by: Omit<ChangedBy, 'at'>; finished: boolean; exports: ExportToDelete[] };

/** A file in somebody's hands that holds words of the contact; or it was never finished. */
export interface ExportToDelete {
  id: string;
  conversationId: string;
  /** Epoch ms. */
  madeAt: number;
  madeBy: string;
  file: string;
  sha256: string;
}

/** Forgets at once who they are. null: the account has no such contact. */
export function eraseContact(
  pool: Pool,
  { accountId, contactId }: ErasedContact,
  { kind, id, at }: ChangedBy,
): Promise<Erasure | null> {
  const statement = { name: 'erase-contact', text: 'SELECT erase_contact($1, $2, $3, $4, $5) AS answer' };
  return retryDeadlock(() => callFunction(pool, statement, [accountId, contactId, kind, id, at]));
}

/** Of each kind of words, in one transaction. */
const batch = 1_000;
/** Whoever began to write before the contact was erased, and hasn't ended by then, is left to a later call. */
const patience = { rounds: 20, roundMs: 100 };

/** Erases their words, a batch per transaction. False: a transaction that may write some is still running; go on later. */
export async function eraseWords(
  pool: Pool,
  { accountId, contactId }: ErasedContact,
  clock: () => number,
  { rounds, roundMs } = patience,
): Promise<boolean> {
  const statement = { name: 'erase-words', text: 'SELECT erase_words($1, $2, $3, $4) AS answer' };
  for (let waited = 0; waited < rounds;) {
    const { finished, cleared } = await retryDeadlock(() =>
      callFunction<{ finished: boolean; cleared: number }>(pool, statement, [
        accountId,
        contactId,
        batch,
        new Date(clock()),
      ]),
    );
    if (finished) return true;
    if (cleared > 0) continue;
    waited += 1;
    await pause(roundMs);
  }
  return false;
}

/** Contacts whose erasure was begun before then and not finished; `contactId` null: digests of the account are due. */
export async function findErasuresToGoOnWith(
  pool: Pool,
  { begunBefore, at, most }: { begunBefore: Date; at: Date; most: number },
): Promise<{ accountId: string; contactId: string | null }[]> {
  const { rows } = await pool.query<{ accountId: string; contactId: string | null }>({
    name: 'erasures-to-go-on-with',
    text: `SELECT account_id AS "accountId", contact_id AS "contactId" FROM erasures_to_go_on_with($1, $2, $3)`,
    values: [begunBefore, at, most],
  });
  return rows;
}

/** Networks don't repeat what is older. */
export async function forgetErasedIds(pool: Pool, accountId: string, at: Date): Promise<void> {
  await pool.query({ name: 'forget-erased-ids', text: 'SELECT forget_erased_ids($1, $2)', values: [accountId, at] });
}
