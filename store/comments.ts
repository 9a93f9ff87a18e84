/** Comments: words of agents to each other or to themselves. They have a table of their own and reach no customer. */
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

export interface CommentRow {
  id: string;
  /** Who wrote it; null: a backend. */
  agentId: string | null;
  visibility: 'personal' | 'agents';
  /** null: erased. */
  text: string | null;
  createdAt: Date;
}

/**
 * The same id is the same comment. Where there is no such conversation, or its contact was erased, there is none after it. Those
 * who follow the feed are woken when it commits.
 */
export async function insertComment(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  { id, agentId, visibility, text, createdAt }: CommentRow,
): Promise<void> {
  await tx.query({
    name: 'insert-comment',
    text: `INSERT INTO comments (account_id, id, conversation_id, agent_id, visibility, text, created_at, position)
           SELECT $1, $3, $2, $4, $5, $6, $7, k.positions
           FROM (SELECT c.positions FROM conversations c
                   JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
                 WHERE c.account_id = $1 AND c.id = $2 AND k.erased_at IS NULL FOR SHARE OF k) AS k
           ON CONFLICT DO NOTHING`,
    values: [accountId, conversationId, id, agentId, visibility, text, createdAt],
  });
  await tx.query({ name: 'wake-feed', text: `SELECT pg_notify('baton_feed', $1)`, values: [accountId] });
}

export async function findComment(tx: Transaction, accountId: string, id: string): Promise<CommentRow | null> {
  const { rows } = await tx.query<CommentRow>({
    name: 'find-comment',
    text: `SELECT id, agent_id AS "agentId", visibility, text, created_at AS "createdAt" FROM comments
           WHERE account_id = $1 AND id = $2`,
    values: [accountId, id],
  });
  return rows[0] ?? null;
}
