/** A conversation's log of domain events as it stands: every row, and the very text that the chain is over. */
import type { Transaction } from './connection.ts';

export interface StoredEvent {
  no: number;
  type: string;
  /** Times: epoch ms. */
  at: number;
  /** Canonical JSON text of `{event, cause, policy}`. */
  data: string;
  messageId: string | null;
  /** Of the message that the event is about. */
  digest: string | null;
  link: string;
  /** Of the record that wrote it. */
  version: number;
  recordedAt: number;
}

/** All of them, in order. */
export async function readEvents(tx: Transaction, accountId: string, conversationId: string): Promise<StoredEvent[]> {
  const { rows } = await tx.query<StoredEvent>({
    name: 'read-events',
    text: `SELECT no, type, ms_of(at) AS at, data::text AS data, message_id AS "messageId", digest, link, version,
                  ms_of(recorded_at) AS "recordedAt"
           FROM domain_events WHERE account_id = $1 AND conversation_id = $2 ORDER BY no`,
    values: [accountId, conversationId],
  });
  return rows;
}
