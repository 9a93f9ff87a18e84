/**
 * The rows that follow from a conversation's events: read beside what else they are made of, and written as the record writes
 * them. Whoever writes holds the actor's row, so no record comes in between; see worker/audit/rebuild.ts.
 */
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

/** Times are epoch ms. Members are named as in `DecisionRecord`. */
export interface Folds {
  row: Record<string, unknown>;
  conversation: { lastMessageAt: number | null; flagged: boolean; positions: number; stream: number };
  assignment: object | null;
  queue: object | null;
  actor: {
    version: number;
    seq: number;
    eventNo: number;
    head: string;
    lastAt: number | null;
    wakeAt: number | null;
  };
}

export interface StoredFolds extends Folds {
  /** null: its row is gone, or nothing was recorded yet. */
  state: unknown;
  format: number;
  channelId: string;
  /** Places of the inbox: the last, and the last of one that was parked. */
  lastSeq: number;
  parkedSeq: number;
  /** Something of the conversation is parked. */
  parked: boolean;
  lastPlace: number;
  /** By request, of what was asked for. */
  skills: Record<string, string | null>;
  /** Places that the matcher has taken: by number of the queue entry. */
  claims: Record<string, string>;
}

/**
 * Locks what a record, an attempt and a receipt would change, in their order, and so holds all of them off. An actor's row
 * that is gone comes back empty: it is the lock. False: the account has no such conversation.
 */
export async function holdConversation(tx: Transaction, { accountId, conversationId }: ActorId): Promise<boolean> {
  const id = [accountId, conversationId];
  await tx.query(
    `INSERT INTO actors (account_id, conversation_id) SELECT account_id, id FROM conversations
     WHERE account_id = $1 AND id = $2 ON CONFLICT DO NOTHING`,
    id,
  );
  await tx.query('SELECT 1 FROM actors WHERE account_id = $1 AND conversation_id = $2 FOR NO KEY UPDATE', id);
  const { rowCount } = await tx.query(
    'SELECT 1 FROM conversations WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE',
    id,
  );
  await tx.query(
    'SELECT 1 FROM outbound WHERE account_id = $1 AND conversation_id = $2 ORDER BY seq FOR NO KEY UPDATE',
    id,
  );
  return rowCount === 1;
}

/** Null: the account has no such conversation. */
export async function readFolds(tx: Transaction, { accountId, conversationId }: ActorId): Promise<StoredFolds | null> {
  const { rows } = await tx.query<StoredFolds>(
    `SELECT t.state, coalesce(t.format, 1) AS format, c.channel_id AS "channelId",
        jsonb_build_object('version', coalesce(t.version, 0), 'seq', coalesce(t.seq, 0), 'eventNo', coalesce(t.event_no, 0),
          'head', coalesce(t.head, ''), 'lastAt', ms_of(t.last_at), 'wakeAt', ms_of(t.wake_at)) AS actor,
        jsonb_build_object('lastMessageAt', ms_of(c.last_message_at), 'flagged', c.flagged, 'positions', c.positions,
          'stream', c.stream) AS conversation,
        jsonb_build_object('phase', c.phase, 'holderKind', c.holder_kind, 'holderId', c.holder_id, 'epoch', c.epoch,
          'sessionNo', c.session_no, 'sessionEndsAt', ms_of(c.session_ends_at), 'locked', c.locked,
          'windowClosedAt', ms_of(c.window_closed_at), 'handoverNo', c.handover_no, 'requestId', c.request_id,
          'botId', c.bot_id, 'groupId', c.group_id, 'deskId', c.desk_id, 'agentId', c.agent_id, 'priority', c.priority,
          'waitingSince', ms_of(c.waiting_since), 'resolvedAt', ms_of(c.resolved_at), 'archived', c.archived,
          'policyVersion', c.policy_version, 'tagIds', c.tag_ids) AS row,
        (SELECT jsonb_build_object('agentId', agent_id, 'epoch', epoch, 'override', override, 'since', ms_of(since))
         FROM assignments WHERE account_id = $1 AND conversation_id = $2) AS assignment,
        (SELECT jsonb_build_object('entry', entry, 'epoch', epoch, 'groupId', group_id, 'deskId', desk_id, 'botId', bot_id,
           'skill', skill, 'priority', priority, 'since', ms_of(since), 'waitingSince', ms_of(waiting_since),
           'notTo', not_to, 'claimId', claim_id)
         FROM queue_entries WHERE account_id = $1 AND conversation_id = $2) AS queue,
        (SELECT coalesce(max(seq), 0) FROM inbox WHERE account_id = $1 AND conversation_id = $2) AS "lastSeq",
        (SELECT coalesce(max(seq), 0) FROM parked WHERE account_id = $1 AND conversation_id = $2) AS "parkedSeq",
        EXISTS (SELECT 1 FROM parked WHERE account_id = $1 AND conversation_id = $2 AND resumed_at IS NULL) AS parked,
        (SELECT coalesce(max(place), 0) FROM visitor_stream WHERE account_id = $1 AND conversation_id = $2) AS "lastPlace",
        (SELECT coalesce(jsonb_object_agg(id, skill), '{}') FROM handover_requests
         WHERE account_id = $1 AND conversation_id = $2) AS skills,
        (SELECT coalesce(jsonb_object_agg(entry, id), '{}') FROM claims
         WHERE account_id = $1 AND conversation_id = $2 AND status = 'open') AS claims
      FROM conversations c LEFT JOIN actors t ON t.account_id = c.account_id AND t.conversation_id = c.id
      WHERE c.account_id = $1 AND c.id = $2`,
    [accountId, conversationId],
  );
  return rows[0] ?? null;
}

/** `state` is the row's text. */
export async function writeFolds(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { folds, state, format, at }: { folds: Folds; state: string; format: number; at: Date },
): Promise<void> {
  const id = [accountId, conversationId];
  const { row, conversation, assignment, actor } = folds;
  const queue = folds.queue && { ...folds.queue, requestId: row['requestId'] };
  await tx.query('SELECT fold_assignment($1, $2, $3::jsonb)', [...id, JSON.stringify(assignment)]);
  await tx.query('SELECT fold_queue_entry($1, $2, $3::jsonb, $4)', [...id, JSON.stringify(queue), at]);
  await tx.query('SELECT fold_conversation($1, $2, $3::jsonb, 0, NULL, false)', [...id, JSON.stringify(row)]);
  await tx.query(
    `UPDATE conversations SET last_message_at = at_ms($3), flagged = $4, positions = $5, stream = $6
     WHERE account_id = $1 AND id = $2`,
    [...id, conversation.lastMessageAt, conversation.flagged, conversation.positions, conversation.stream],
  );
  await tx.query(
    `UPDATE actors SET version = $3, seq = $4, event_no = $5, head = $6, last_at = at_ms($7), wake_at = at_ms($8),
                       state = $9::json, format = $10
     WHERE account_id = $1 AND conversation_id = $2`,
    [...id, actor.version, actor.seq, actor.eventNo, actor.head, actor.lastAt, actor.wakeAt, state, format],
  );
}

export async function listConversationIds(tx: Transaction, accountId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>('SELECT id FROM conversations WHERE account_id = $1 ORDER BY id', [
    accountId,
  ]);
  return rows.map(({ id }) => id);
}
