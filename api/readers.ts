/** What of the account's conversations the principal may look at. */
import type { Transaction } from '../store/connection.ts';
import { type Belonging, findReader, type Reader, sees } from '../store/readers.ts';
import type { Principal } from './principal.ts';
import { Problem } from './problem.ts';

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

/** An id of another account is a 404 before this is asked; a chat of another group or bot is a 403. */
export function requireSight(reader: Reader, of: Belonging): void {
  if (!sees(reader, of)) {
    throw new Problem('forbidden', { detail: 'This conversation is of another group or bot.' });
  }
}
