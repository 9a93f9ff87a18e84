/**
 * The words of a command, stored before it: the command itself carries ids only. A draft whose id is there already is
 * the same draft (ids are made from the command's key and body), and one whose command is refused is never sent.
 * Nothing is stored of a contact who was erased: the contact's row is held still meanwhile.
 */
import { v5 as idFrom } from 'uuid';
import type { Transaction } from './connection.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';

/** What of a request is known wherever its command gets: digests of its name, and of what was asked. */
export interface DraftingCommand {
  key: string;
  digest: string;
}

/** Of what a command stores first: the same id for a repeat, another one for another request under the same key. */
export function draftId(
  accountId: string,
  { key, digest }: DraftingCommand,
  what: 'reply' | 'retry' | 'request' | 'block' | 'comment',
): string {
  return idFrom(`${what}\n${digest}\n${key}`, accountId);
}

/** The messages that this command can have stored: those of a rejected one are discarded with its outcome. */
export function messageDrafts(accountId: string, command: DraftingCommand): string[] {
  return [draftId(accountId, command, 'reply'), draftId(accountId, command, 'retry')];
}

/** No effect on words that go out, or have been discarded already. */
export async function discardDrafts(tx: Transaction, accountId: string, command: DraftingCommand): Promise<void> {
  await tx.query({
    name: 'discard-drafts',
    text: 'SELECT discard_drafts($1, $2::jsonb)',
    values: [accountId, JSON.stringify(messageDrafts(accountId, command))],
  });
}

/** Nothing is stored of an agent who isn't the account's: the command will be refused. */
export async function insertReplyDraft(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  draft: { id: string; agentId: string; content: object; at: Date },
): Promise<void> {
  await tx.query({
    name: 'insert-reply-draft',
    text: `INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, author_id, author_name, status,
                                 content, digest, created_at)
           SELECT $1, $3, $2, 'out', 'agent', a.id, a.name, 'draft',
                  CASE WHEN k.erased_at IS NULL THEN $5::jsonb END, content_digest($1, k.id, $5::jsonb), $6
           FROM (SELECT k.id, k.erased_at FROM conversations c
                   JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
                 WHERE c.account_id = $1 AND c.id = $2 FOR SHARE OF k) AS k
             JOIN agents a ON a.account_id = $1 AND a.id = $4
           ON CONFLICT DO NOTHING`,
    values: [accountId, conversationId, draft.id, draft.agentId, JSON.stringify(draft.content), draft.at],
  });
}

/** What a request for a person says. */
export interface HandoverDraft {
  id: string;
  reason: string | null;
  groupId: string | null;
  deskId: string | null;
  skill: string | null;
  webstore: string | null;
  channelTag: string | null;
  priority: number;
  history: object;
  data: object;
  at: Date;
}

export async function insertHandoverRequest(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  draft: HandoverDraft,
): Promise<void> {
  await tx.query({
    name: 'insert-handover-request',
    text: `INSERT INTO handover_requests (account_id, conversation_id, id, reason, group_id, desk_id, skill, webstore,
                                          channel_tag, priority, history, data, created_at)
           SELECT $1, $2, $3, CASE WHEN k.erased_at IS NULL THEN $4 END, $5, $6, $7, $8, $9, $10, $11::jsonb,
                  CASE WHEN k.erased_at IS NULL THEN $12::jsonb ELSE '{}' END, $13
           FROM (SELECT k.erased_at FROM conversations c
                   JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
                 WHERE c.account_id = $1 AND c.id = $2 FOR SHARE OF k) AS k
           ON CONFLICT DO NOTHING`,
    values: [
      accountId,
      conversationId,
      draft.id,
      draft.reason,
      draft.groupId,
      draft.deskId,
      draft.skill,
      draft.webstore,
      draft.channelTag,
      draft.priority,
      JSON.stringify(draft.history),
      JSON.stringify(draft.data),
      draft.at,
    ],
  });
}

/** Why, and what the customer is told; true once the record of the command says so. */
export async function insertBlock(
  tx: Transaction,
  { accountId, conversationId }: ActorId,
  draft: { id: string; reason: string; message: string; by: string; expiresAt: Date | null; at: Date },
): Promise<void> {
  await tx.query({
    name: 'insert-block',
    text: `INSERT INTO contact_blocks (account_id, id, contact_id, conversation_id, reason, message, by_id, expires_at, created_at)
           SELECT $1, $3, contact_id, $2, $4, $5, $6, $7, $8 FROM conversations WHERE account_id = $1 AND id = $2
           ON CONFLICT DO NOTHING`,
    values: [accountId, conversationId, draft.id, draft.reason, draft.message, draft.by, draft.expiresAt, draft.at],
  });
}
