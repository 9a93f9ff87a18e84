/** What of the account's conversations the principal may look at. */
import type { Transaction } from '../store/connection.ts';
import { type ConversationHead, readConversationHead } from '../store/conversation-details.ts';
import { type Belonging, findReader, type Reader, sees } from '../store/readers.ts';
import type { ActorId } from '../workflows/conversation/messages.ts';
import type { Principal } from './principal.ts';
import { found, Problem } from './problem.ts';

/** Agents see the chats of their groups and bots; everybody else who may read conversations sees all of the account. */
export async function readerOf(tx: Transaction, { accountId, kind, id, role }: Principal): Promise<Reader> {
  if (role !== 'agent') return { kind: 'all', agentId: kind === 'agent' ? id : null };
  const { groupIds, botIds } = await findReader(tx, accountId, id);
  return { kind: 'agent', agentId: id, groupIds, botIds };
}

/** The bots whose chats the principal may get; null: all of the account. */
export async function ownBots(tx: Transaction, principal: Principal): Promise<string[] | null> {
  const reader = await readerOf(tx, principal);
  return reader.kind === 'all' || reader.botIds.length === 0 ? null : reader.botIds;
}

/** Of a channel or a bot. `botId`: null where none is named. */
export async function requireOwnBot(tx: Transaction, principal: Principal, botId: string | null): Promise<void> {
  const own = await ownBots(tx, principal);
  if (own !== null && botId !== null && !own.includes(botId)) {
    throw new Problem('forbidden', { detail: 'This is of another bot.' });
  }
}

/** The conversation, if the principal may look at it: 404 of another account, 403 of another group or bot. */
export async function seenConversation(
  tx: Transaction,
  principal: Principal,
  conversationId: string,
): Promise<{ actor: ActorId; head: ConversationHead; reader: Reader }> {
  const actor = { accountId: principal.accountId, conversationId };
  const [row, reader] = await Promise.all([readConversationHead(tx, actor), readerOf(tx, principal)]);
  const head = found(row, 'conversation');
  requireSight(reader, head.belongs);
  return { actor, head, reader };
}

/** The same, where the agent holds it: else 409. */
export async function ownConversation(
  tx: Transaction,
  principal: Principal,
  conversationId: string,
  agentId: string,
): Promise<Belonging> {
  const { ownerId, belongs } = (await seenConversation(tx, principal, conversationId)).head;
  if (ownerId !== agentId) throw new Problem('not-the-owner', ownerId === null ? {} : { ownerId });
  return belongs;
}

function requireSight(reader: Reader, of: Belonging): void {
  if (!sees(reader, of)) {
    throw new Problem('forbidden', { detail: 'This conversation is of another group or bot.' });
  }
}
