/** A conversation as the inbox and the record leave it in the tables, without any actor. */
import { v7 as uuid } from 'uuid';
import { inAccount, type Pool } from '../../store/connection.ts';
import type { SeededAccount } from '../support/account.ts';

export interface SeededConversation {
  conversationId: string;
  contactId: string;
}

export interface ConversationFacts {
  /** Assigned to this agent. */
  agentId?: string;
  /** Waits in this group, for an agent who serves this bot (null: any). */
  queuedIn?: { groupId: string; botId: string | null };
  /** Has something open: its actor would wake. */
  open?: boolean;
  name?: string;
  phone?: string;
}

export async function seedConversation(
  pool: Pool,
  { accountId, channelId }: SeededAccount,
  { agentId, queuedIn, open = true, name = 'Customer', phone }: ConversationFacts = {},
): Promise<SeededConversation> {
  const [conversationId, contactId] = [uuid(), uuid()];
  const externalId = `visitor-${contactId}`;
  await inAccount(pool, accountId, async (tx) => {
    const insert = (table: string, values: Record<string, unknown>) => {
      const columns = Object.keys(values);
      const places = columns.map((_, index) => `$${index + 1}`);
      return tx.query(
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`,
        Object.values(values),
      );
    };
    const at = new Date();
    await insert('contacts', { account_id: accountId, id: contactId, name, created_at: at });
    await insert('contact_identities', {
      account_id: accountId,
      channel_id: channelId,
      external_id: externalId,
      contact_id: contactId,
    });
    if (phone !== undefined) {
      await insert('contact_addresses', { account_id: accountId, contact_id: contactId, kind: 'phone', value: phone });
    }
    await insert('conversations', {
      account_id: accountId,
      id: conversationId,
      channel_id: channelId,
      external_thread: externalId,
      contact_id: contactId,
      created_at: at,
    });
    await insert('mailboxes', { account_id: accountId, conversation_id: conversationId, last_at: at });
    await insert('actors', { account_id: accountId, conversation_id: conversationId, wake_at: open ? at : null });
    if (queuedIn !== undefined) {
      const { groupId, botId } = queuedIn;
      await insert('queue_entries', {
        account_id: accountId,
        conversation_id: conversationId,
        entry: 1,
        epoch: 1,
        group_id: groupId,
        bot_id: botId,
        since: at,
        waiting_since: at,
      });
    }
    if (agentId !== undefined) {
      const assignment = { account_id: accountId, conversation_id: conversationId, agent_id: agentId };
      await insert('assignments', { ...assignment, epoch: 1, since: at });
      await tx.query('UPDATE agents SET active = active + 1 WHERE account_id = $1 AND id = $2', [accountId, agentId]);
    }
  });
  return { conversationId, contactId };
}

/** What stands in the conversation's inbox, in order. */
export async function inboxOf(
  pool: Pool,
  accountId: string,
  conversationId: string,
): Promise<{ type: string; payload: unknown }[]> {
  return inAccount(pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ type: string; payload: unknown }>(
      'SELECT type, payload FROM inbox WHERE account_id = $1 AND conversation_id = $2 ORDER BY seq',
      [accountId, conversationId],
    );
    return rows;
  });
}
