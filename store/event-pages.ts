/** Pages of a conversation's domain events, for people. The whole log, for audits: event-log.ts. */
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { ConversationEvent } from '../workflows/conversation/events.ts';

/** Why it happened: see the actor's `Cause`. */
export interface StoredCause {
  kind: 'inbox' | 'command' | 'deadline' | 'work';
  name?: string;
  by?: unknown;
  [detail: string]: unknown;
}

export interface EventRow {
  no: number;
  type: ConversationEvent['type'];
  at: Date;
  recordedAt: Date;
  event: ConversationEvent;
  cause: StoredCause;
  policy: number;
  messageId: string | null;
  digest: string | null;
  link: string;
  version: number;
}

/** In order, above place `after`; one row more than `limit`, if there is one. */
export async function listEvents(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { after, limit }: { after: number; limit: number },
): Promise<EventRow[]> {
  const { rows } = await tx.query<EventRow>({
    name: 'list-events',
    text: `SELECT no, type, at, recorded_at AS "recordedAt", data->'event' AS event, data->'cause' AS cause,
                  (data->>'policy')::int AS policy, message_id AS "messageId", digest, link, version
           FROM domain_events WHERE account_id = $1 AND conversation_id = $2 AND no > $3 ORDER BY no LIMIT $4`,
    values: [accountId, conversationId, after, limit + 1],
  });
  return rows;
}
