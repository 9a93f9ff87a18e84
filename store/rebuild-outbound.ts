/** What goes out: the rows, and what their delivery state follows from beside the events. All times epoch ms. */
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export interface OutboundFold {
  seq: number;
  messageId: string;
  toKind: 'channel' | 'desk';
  toId: string;
  handover: number | null;
  authorKind: string;
  epoch: number;
  status: string;
  attemptId: string | null;
  attempts: number;
  failureClass: string | null;
  queuedAt: number;
  sentAt: number | null;
  deliveredAt: number | null;
  readAt: number | null;
  settledAt: number | null;
}

interface Attempt {
  seq: number;
  attemptId: string;
  at: number;
  outcome: string;
}

/** One that changed what is shown. */
interface RaisingReceipt {
  seq: number;
  status: string;
  class: string | null;
  at: number;
}

export interface StoredOutbound {
  rows: OutboundFold[];
  attempts: Attempt[];
  receipts: RaisingReceipt[];
}

export async function readOutbound(tx: Transaction, { accountId, conversationId }: ActorId): Promise<StoredOutbound> {
  const id = [accountId, conversationId];
  const outbound = await tx.query<OutboundFold>(
    `SELECT seq, message_id AS "messageId", to_kind AS "toKind", to_id AS "toId", handover, author_kind AS "authorKind", epoch,
            status, attempt_id AS "attemptId", attempts, failure_class AS "failureClass", ms_of(queued_at) AS "queuedAt",
            ms_of(sent_at) AS "sentAt", ms_of(delivered_at) AS "deliveredAt", ms_of(read_at) AS "readAt",
            ms_of(settled_at) AS "settledAt"
     FROM outbound WHERE account_id = $1 AND conversation_id = $2 ORDER BY seq`,
    id,
  );
  const attempts = await tx.query<Attempt>(
    `SELECT seq, attempt_id AS "attemptId", ms_of(at) AS at, outcome FROM outbound_attempts
     WHERE account_id = $1 AND conversation_id = $2`,
    id,
  );
  const receipts = await tx.query<RaisingReceipt>(
    `SELECT seq, status, class, ms_of(at) AS at FROM receipts
     WHERE account_id = $1 AND conversation_id = $2 AND raised`,
    id,
  );
  return { rows: outbound.rows, attempts: attempts.rows, receipts: receipts.rows };
}

/** A row that was lost gets the network's id back from its receipts, where one was kept. */
export async function writeOutbound(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  row: OutboundFold,
): Promise<void> {
  await tx.query(
    `INSERT INTO outbound (account_id, conversation_id, seq, message_id, to_kind, to_id, handover, author_kind, epoch, status,
                           attempt_id, attempts, failure_class, queued_at, sent_at, delivered_at, read_at, settled_at, provider_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, at_ms($14), at_ms($15), at_ms($16), at_ms($17), at_ms($18),
       (SELECT provider_id FROM receipts WHERE account_id = $1 AND conversation_id = $2 AND seq = $3 AND status = 'sent'
          AND provider_id NOT LIKE 'erased:%' AND provider_id <> conversation_id || ':' || seq ORDER BY at DESC LIMIT 1))
     ON CONFLICT (account_id, conversation_id, seq) DO UPDATE SET
       message_id = excluded.message_id, to_kind = excluded.to_kind, to_id = excluded.to_id, handover = excluded.handover,
       author_kind = excluded.author_kind, epoch = excluded.epoch, status = excluded.status, attempt_id = excluded.attempt_id,
       attempts = excluded.attempts, failure_class = excluded.failure_class, queued_at = excluded.queued_at,
       sent_at = excluded.sent_at, delivered_at = excluded.delivered_at, read_at = excluded.read_at,
       settled_at = excluded.settled_at`,
    [
      accountId,
      conversationId,
      row.seq,
      row.messageId,
      row.toKind,
      row.toId,
      row.handover,
      row.authorKind,
      row.epoch,
      row.status,
      row.attemptId,
      row.attempts,
      row.failureClass,
      row.queuedAt,
      row.sentAt,
      row.deliveredAt,
      row.readAt,
      row.settledAt,
    ],
  );
}
