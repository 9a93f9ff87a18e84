/** The answers that a customer gives before the hand-over; they stand with it. */
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { Range } from '../workflows/conversation/state.ts';

/** The first message of the customer in the range; its content (the adapters') is null where it was erased. */
export async function readFirstMessage(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { from, to }: Range,
): Promise<{ place: number; content: object | null } | null> {
  const { rows } = await tx.query<{ place: number; content: object | null }>({
    name: 'read-first-message',
    text: `SELECT inbox_seq AS place, content FROM messages
           WHERE account_id = $1 AND conversation_id = $2 AND inbox_seq BETWEEN $3 AND $4 AND author_kind = 'customer'
           ORDER BY inbox_seq LIMIT 1`,
    values: [accountId, conversationId, from, to],
  });
  return rows[0] ?? null;
}

/** Stored once more, it is the same answer. Nothing is stored of a contact who was erased meanwhile. */
export async function storeIntakeAnswer(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  answer: { handover: number; name: string; label: string | null; value: string; at: number },
): Promise<void> {
  await tx.query({
    name: 'store-intake-answer',
    text: `INSERT INTO intake_answers (account_id, conversation_id, handover, name, label, value, answered_at)
           SELECT $1, $2, $3, $4, $5, CASE WHEN k.erased_at IS NULL THEN $6 END, $7
           FROM (SELECT erased_at FROM contacts
                 WHERE account_id = $1
                   AND id = (SELECT contact_id FROM conversations WHERE account_id = $1 AND id = $2) FOR SHARE) AS k
           ON CONFLICT (account_id, conversation_id, handover, name)
           DO UPDATE SET label = excluded.label, value = excluded.value`,
    values: [accountId, conversationId, answer.handover, answer.name, answer.label, answer.value, new Date(answer.at)],
  });
}

export interface IntakeAnswer {
  name: string;
  label: string | null;
  value: string;
}

/** In the order in which they were given. */
export async function readIntakeAnswers(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  handover: number,
): Promise<IntakeAnswer[]> {
  const { rows } = await tx.query<IntakeAnswer>({
    name: 'read-intake-answers',
    text: `SELECT name, label, value FROM intake_answers
           WHERE account_id = $1 AND conversation_id = $2 AND handover = $3 AND value IS NOT NULL
           ORDER BY answered_at, name`,
    values: [accountId, conversationId, handover],
  });
  return rows;
}
