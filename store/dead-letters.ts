/** What did not get through: words that failed or whose fate nobody knows, and inputs that could not be decided on. */
import type { Transaction } from './connection.ts';
import type { ChangedBy } from './contacts.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export type DeadLetterRow = { id: string; at: Date } & (
  | {
      kind: 'outbound';
      conversationId: string;
      outbound: {
        seq: number;
        messageId: string;
        to: string;
        author: string;
        status: 'failed' | 'unknown';
        class: string | null;
        attempts: number;
      };
      parked: null;
    }
  | {
      kind: 'parked';
      conversationId: string | null;
      outbound: null;
      parked: { sourceId: string | null; place: number | null; error: string };
    }
);

/** Newest first; what was retried, resumed or discarded is no longer here. One row more than `limit`, if there is one. */
export async function listDeadLetters(
  tx: Transaction,
  accountId: string,
  {
    kinds,
    conversationId,
    after,
    limit,
  }: {
    kinds: readonly DeadLetterRow['kind'][];
    conversationId: string | null;
    after: { at: string; id: string } | null;
    limit: number;
  },
): Promise<DeadLetterRow[]> {
  const { rows } = await tx.query<DeadLetterRow>({
    name: 'list-dead-letters',
    text: `SELECT * FROM (
             (SELECT 'outbound' AS kind, conversation_id || ':' || seq AS id, settled_at AS at, conversation_id AS "conversationId",
                     jsonb_build_object('seq', seq, 'messageId', message_id, 'to', to_kind, 'author', author_kind,
                                        'status', status, 'class', failure_class, 'attempts', attempts) AS outbound,
                     NULL::jsonb AS parked
              FROM outbound
              WHERE account_id = $1 AND status IN ('failed', 'unknown') AND retried_as IS NULL AND discarded_at IS NULL
                AND settled_at IS NOT NULL
                AND 'outbound' = ANY ($2) AND ($3::uuid IS NULL OR conversation_id = $3)
                AND ($4::timestamptz IS NULL OR settled_at < $4 OR settled_at = $4 AND conversation_id || ':' || seq > $5)
              ORDER BY settled_at DESC, conversation_id || ':' || seq LIMIT $6)
             UNION ALL
             (SELECT 'parked', id::text, parked_at, conversation_id, NULL::jsonb,
                     jsonb_build_object('sourceId', source_id, 'place', seq, 'error', error)
              FROM parked
              WHERE account_id = $1 AND resumed_at IS NULL AND 'parked' = ANY ($2) AND ($3::uuid IS NULL OR conversation_id = $3)
                AND ($4::timestamptz IS NULL OR parked_at < $4 OR parked_at = $4 AND id::text > $5)
              ORDER BY parked_at DESC, id::text LIMIT $6)
           ) AS letters ORDER BY at DESC, id LIMIT $6`,
    values: [accountId, kinds, conversationId, after?.at ?? null, after?.id ?? null, limit + 1],
  });
  return rows;
}

export interface DeadOutbound {
  toKind: 'channel' | 'desk';
  status: string;
  retriedAs: number | null;
  isDiscarded: boolean;
  /** null: erased. */
  content: object | null;
  phase: string;
  epoch: number;
  holderKind: string;
  holderId: string | null;
}

export async function findDeadOutbound(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  seq: number,
): Promise<DeadOutbound | null> {
  const { rows } = await tx.query<DeadOutbound>({
    name: 'find-dead-outbound',
    text: `SELECT o.to_kind AS "toKind", o.status, o.retried_as AS "retriedAs", o.discarded_at IS NOT NULL AS "isDiscarded", m.content, c.phase, c.epoch,
                  c.holder_kind AS "holderKind", c.holder_id AS "holderId"
           FROM outbound o
             JOIN messages m ON m.account_id = o.account_id AND m.id = o.message_id
             JOIN conversations c ON c.account_id = o.account_id AND c.id = o.conversation_id
           WHERE o.account_id = $1 AND o.conversation_id = $2 AND o.seq = $3`,
    values: [accountId, conversationId, seq],
  });
  return rows[0] ?? null;
}

export async function noteRetried(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  seq: number,
  retriedAs: number,
): Promise<void> {
  await tx.query({
    name: 'note-retried',
    text: `UPDATE outbound SET retried_as = $4
           WHERE account_id = $1 AND conversation_id = $2 AND seq = $3 AND retried_as IS NULL`,
    values: [accountId, conversationId, seq, retriedAs],
  });
}

/** Out of a list, as for what was parked. */
export const outboundDiscardReasons = ['done-elsewhere', 'not-needed', 'unreachable'] as const;
export type OutboundDiscardReason = (typeof outboundDiscardReasons)[number];

/** Nobody will send it again. What it is shown as stays, and so do its words. False: it is no dead letter (any more). */
export async function discardOutbound(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  seq: number,
  { because, by }: { because: OutboundDiscardReason; by: ChangedBy },
): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'discard-outbound',
    text: `UPDATE outbound SET discarded_at = $4, discarded_because = $5, discarded_by_kind = $6, discarded_by_id = $7
           WHERE account_id = $1 AND conversation_id = $2 AND seq = $3 AND status IN ('failed', 'unknown')
             AND settled_at IS NOT NULL AND retried_as IS NULL AND discarded_at IS NULL`,
    values: [accountId, conversationId, seq, by.at, because, by.kind, by.id],
  });
  return rowCount === 1;
}

export interface ParkedRow {
  sourceId: string | null;
  externalId: string | null;
  conversationId: string | null;
  seq: number | null;
  /** null: erased, or an input of the inbox, which has its own row. */
  item: unknown;
  parkedAt: Date;
  /** It waits for nobody any more: it was decided on anew, or discarded. */
  resumedAt: Date | null;
  discardedBecause: DiscardReason | 'erased' | null;
}

/** Out of a list: words of an operator might be about somebody. */
export const discardReasons = ['not-for-us', 'done-elsewhere', 'not-needed', 'personal-data'] as const;
export type DiscardReason = (typeof discardReasons)[number];

/** Held until the transaction ends: two who resume the same have one effect. */
export async function lockParked(tx: Transaction, accountId: string, id: string): Promise<ParkedRow | null> {
  const { rows } = await tx.query<ParkedRow>({
    name: 'lock-parked',
    text: `SELECT source_id AS "sourceId", external_id AS "externalId", conversation_id AS "conversationId", seq, item,
                  parked_at AS "parkedAt", resumed_at AS "resumedAt", discarded_because AS "discardedBecause"
           FROM parked WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    values: [accountId, id],
  });
  return rows[0] ?? null;
}

/** Its words go, and it has no effect any more. The row must be held. */
export async function discardParked(
  tx: Transaction,
  accountId: string,
  id: string,
  { because, by }: { because: DiscardReason; by: ChangedBy },
): Promise<void> {
  await tx.query({
    name: 'discard-parked',
    text: 'SELECT discard_parked($1, $2, $3, $4, $5, $6)',
    values: [accountId, id, because, by.kind, by.id, by.at],
  });
  await lowerFlag(tx, accountId, id);
}

export async function noteResumed(tx: Transaction, accountId: string, id: string, at: Date): Promise<void> {
  await tx.query({
    name: 'note-resumed',
    text: 'UPDATE parked SET resumed_at = $3 WHERE account_id = $1 AND id = $2',
    values: [accountId, id, at],
  });
  await lowerFlag(tx, accountId, id);
}

/** When nothing of the conversation is parked any more. */
async function lowerFlag(tx: Transaction, accountId: string, id: string): Promise<void> {
  await tx.query({
    name: 'lower-flag',
    text: `UPDATE conversations c SET flagged = false
           FROM parked p WHERE p.account_id = $1 AND p.id = $2 AND c.account_id = $1 AND c.id = p.conversation_id AND c.flagged
             AND NOT EXISTS (SELECT 1 FROM parked q
                             WHERE q.account_id = $1 AND q.conversation_id = c.id AND q.resumed_at IS NULL)`,
    values: [accountId, id],
  });
}

/** The same input once more, in a new place of the inbox, and its words with it. Null: its row is not there. */
export async function putAgain(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  seq: number,
  at: Date,
): Promise<number | null> {
  const { rows } = await tx.query<{ place: number | null }>({
    name: 'put-again',
    text: `SELECT put_in_inbox($1, $2, type, payload, $4, NULL, NULL) AS place FROM inbox
           WHERE account_id = $1 AND conversation_id = $2 AND seq = $3`,
    values: [accountId, conversationId, seq, at],
  });
  const place = rows[0]?.place ?? null;
  if (place !== null) await moveWords(tx, { accountId, conversationId }, seq, place);
  return place;
}

/** A turn of the bot, and a form, read words by the place of their input. */
async function moveWords(tx: Transaction, actor: ActorId, from: number, to: number): Promise<void> {
  await tx.query({
    name: 'move-words',
    text: 'UPDATE messages SET inbox_seq = $4 WHERE account_id = $1 AND conversation_id = $2 AND inbox_seq = $3',
    values: [actor.accountId, actor.conversationId, from, to],
  });
}
