/** What was said before, as an outside desk is given it with a hand-over. */
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export interface HistoryLine {
  id: string;
  author: 'customer' | 'bot' | 'agent' | 'desk' | 'engine';
  /** `Content` of the adapters. */
  content: object;
  /** epoch ms */
  at: number;
}

export interface DeskHistory {
  lines: HistoryLine[];
  /** How many there are, with those that were not read. */
  total: number;
}

/**
 * The last `limit` lines, in order. Not what was cancelled or never arrived at the customer, and not what this desk gets
 * as a line of this hand-over: it hears everything once.
 */
export async function readDeskHistory(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { deskId, handover, limit }: { deskId: string; handover: number; limit: number },
): Promise<DeskHistory> {
  const { rows } = await tx.query<HistoryLine & { total: number }>({
    name: 'read-desk-history',
    text: `SELECT id, author, content, at, total FROM (
             SELECT m.id, m.author_kind AS author, m.content, ms_of(m.created_at) AS at, m.position, count(*) OVER () AS total
             FROM messages m
             WHERE m.account_id = $1 AND m.conversation_id = $2 AND m.position IS NOT NULL
               AND m.status <> 'discarded' AND m.content IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM outbound o
                 WHERE o.account_id = m.account_id AND o.conversation_id = m.conversation_id AND o.message_id = m.id
                   AND ((o.to_kind = 'channel' AND o.status IN ('cancelled', 'failed'))
                     OR (o.to_kind = 'desk' AND o.to_id = $3 AND o.handover = $4)))
             ORDER BY m.position DESC LIMIT $5) AS newest
           ORDER BY position`,
    values: [accountId, conversationId, deskId, handover, limit],
  });
  return { lines: rows, total: rows[0]?.total ?? 0 };
}
