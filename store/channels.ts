/** Channels: a connected messaging network, with who answers first on it. */
import type { Transaction } from './connection.ts';
import type { NewParty, PartyFilter, PartyRow } from './parties.ts';
import { db, json, type Page, run } from './queries.ts';

export interface ChannelRow extends PartyRow {
  mode: 'engagement' | 'business';
  responsible: 'bot' | 'managers';
  botId: string | null;
  groupId: string | null;
}

export interface Serving {
  mode: ChannelRow['mode'];
  responsible: ChannelRow['responsible'];
  botId: string | null;
  groupId: string | null;
}

export async function insertChannel(tx: Transaction, accountId: string, channel: NewParty & Serving): Promise<void> {
  const { id, name, type, mode, responsible, botId, groupId, settings, secrets, at } = channel;
  await tx.query(
    `INSERT INTO channels (account_id, id, name, type, mode, responsible, bot_id, group_id, settings, secrets, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [accountId, id, name, type, mode, responsible, botId, groupId, json(settings), json(secrets), at],
  );
}

function select(accountId: string) {
  return db
    .selectFrom('channels')
    .select(['id', 'name', 'type', 'settings', 'created_at as createdAt', 'disabled_at as disabledAt'])
    .select(['mode', 'responsible', 'bot_id as botId', 'group_id as groupId'])
    .select(({ fn }) => fn<number>('jsonb_array_length', ['secrets']).as('secretCount'))
    .where('account_id', '=', accountId);
}

export function listChannels(
  tx: Transaction,
  accountId: string,
  { type, disabled, botId, ofBots }: PartyFilter & { botId: string | undefined },
  { limit, after }: Page,
): Promise<ChannelRow[]> {
  let query = select(accountId);
  if (type !== undefined) {
    query = query.where('type', '=', type);
  }
  if (botId !== undefined) {
    query = query.where('bot_id', '=', botId);
  }
  if (ofBots !== null) {
    query = query.where(({ or, eb }) => or([eb('bot_id', 'is', null), eb('bot_id', 'in', ofBots)]));
  }
  if (!disabled) {
    query = query.where('disabled_at', 'is', null);
  }
  if (after !== null) {
    query = query.where('id', '>', after);
  }
  return run(tx, query.orderBy('id').limit(limit + 1));
}

export async function findChannel(tx: Transaction, accountId: string, id: string): Promise<ChannelRow | null> {
  return (await run(tx, select(accountId).where('id', '=', id)))[0] ?? null;
}

/** The row as it is, held until the transaction ends, so that what is saved was checked as a whole. */
export async function lockChannel(tx: Transaction, accountId: string, id: string): Promise<ChannelRow | null> {
  return (await run(tx, select(accountId).where('id', '=', id).forNoKeyUpdate()))[0] ?? null;
}

export type ChannelValues = Serving & { name: string; settings: unknown; disabledAt: Date | null };

export async function updateChannel(tx: Transaction, accountId: string, id: string, to: ChannelValues): Promise<void> {
  await tx.query(
    `UPDATE channels SET name = $3, mode = $4, responsible = $5, bot_id = $6, group_id = $7, settings = $8, disabled_at = $9
     WHERE account_id = $1 AND id = $2`,
    [accountId, id, to.name, to.mode, to.responsible, to.botId, to.groupId, json(to.settings), to.disabledAt],
  );
}
