import { v7 as uuid } from 'uuid';
import { inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { defaultPolicy, type Policy } from '../../workflows/conversation/policy.ts';
import type { Notice } from '../../workflows/conversation/state.ts';

export interface SeededAccount {
  accountId: string;
  botId: string;
  groupId: string;
  channelId: string;
  agentIds: string[];
}

export interface AccountOptions {
  /** Values over the defaults of `Policy`, by section. */
  numbers?: { [K in keyof Policy]?: Policy[K] extends object ? Partial<Policy[K]> : Policy[K] };
  channelType?: string;
  responsible?: 'bot' | 'managers';
  botType?: string;
  botSettings?: object;
  channelSettings?: object;
  channelSecrets?: string[];
  agents?: number;
  maxChats?: number;
}

/** Every notice's text says which notice it is. */
const noticeTexts: Record<Notice, string> = {
  assigned: 'notice: assigned',
  'all-offline': 'notice: all-offline',
  'all-busy': 'notice: all-busy',
  'out-of-hours': 'notice: out-of-hours',
  'queue-wait': 'notice: queue-wait',
  'idle-warning': 'notice: idle-warning',
  resolved: 'notice: resolved',
  blocked: 'notice: blocked',
  'bot-failed': 'notice: bot-failed',
  'form-question': 'notice: form-question',
  'form-retry': 'notice: form-retry',
  'handover-failed': 'notice: handover-failed',
};

/** An account with policy version 1, a bot, a group with online agents, and a channel whose bot and group these are. */
export async function seedAccount(pool: Pool, options: AccountOptions = {}): Promise<SeededAccount> {
  const ids = {
    accountId: uuid(),
    botId: uuid(),
    groupId: uuid(),
    channelId: uuid(),
    agentIds: Array.from({ length: options.agents ?? 2 }, () => uuid()),
  };
  const now = new Date();
  await inAccount(pool, ids.accountId, async (tx) => {
    const { accountId, botId, groupId, agentIds } = ids;
    await tx.query('INSERT INTO accounts (id, name, created_at) VALUES ($1, $2, $3)', [accountId, 'Test', now]);
    await insertPolicy(tx, ids, 1, options.numbers);
    await tx.query(
      `INSERT INTO bots (account_id, id, name, type, settings, created_at) VALUES ($1, $2, 'Bot', $3, $4, $5)`,
      [accountId, botId, options.botType ?? 'http', options.botSettings ?? {}, now],
    );
    await tx.query(`INSERT INTO groups (account_id, id, name, created_at) VALUES ($1, $2, 'Support', $3)`, [
      accountId,
      groupId,
      now,
    ]);
    await insertChannel(tx, ids, options);
    for (const [index, agentId] of agentIds.entries()) {
      await tx.query(
        `INSERT INTO agents (account_id, id, name, status, max_chats, created_at)
         VALUES ($1, $2, $3, 'online', $4, $5)`,
        [accountId, agentId, `Agent ${index + 1}`, options.maxChats ?? 5, now],
      );
      await tx.query('INSERT INTO agent_groups (account_id, agent_id, group_id) VALUES ($1, $2, $3)', [
        accountId,
        agentId,
        groupId,
      ]);
    }
  });
  return ids;
}

/**
 * The account with the next version of its policy, for what begins from here on, and with another channel. Only values of
 * policy and channel count.
 */
export async function addVariant(pool: Pool, account: SeededAccount, options: AccountOptions): Promise<SeededAccount> {
  const variant = { ...account, channelId: uuid() };
  await inAccount(pool, account.accountId, async (tx) => {
    const query = 'SELECT max(version) + 1 AS next FROM policies WHERE account_id = $1';
    const { rows } = await tx.query<{ next: number }>(query, [account.accountId]);
    await insertPolicy(tx, variant, rows[0]?.next ?? 1, options.numbers);
    await insertChannel(tx, variant, options);
  });
  return variant;
}

async function insertPolicy(
  tx: Transaction,
  { accountId, groupId }: SeededAccount,
  version: number,
  numbers: AccountOptions['numbers'],
): Promise<void> {
  await tx.query(
    `INSERT INTO policies (account_id, version, numbers, notices, routing, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      accountId,
      version,
      numbersOver(numbers),
      noticeTexts,
      { rules: [], default: { kind: 'group', groupId }, webstores: [] },
      new Date(),
    ],
  );
}

async function insertChannel(
  tx: Transaction,
  { accountId, channelId, botId, groupId }: SeededAccount,
  { channelType = 'http', responsible = 'bot', channelSettings = {}, channelSecrets = [] }: AccountOptions,
): Promise<void> {
  await tx.query(
    `INSERT INTO channels (account_id, id, name, type, responsible, bot_id, group_id, settings, secrets, created_at)
     VALUES ($1, $2, 'Channel', $3, $4, $5, $6, $7, $8, $9)`,
    [
      accountId,
      channelId,
      channelType,
      responsible,
      botId,
      groupId,
      channelSettings,
      JSON.stringify(channelSecrets),
      new Date(),
    ],
  );
}

function numbersOver(values: AccountOptions['numbers'] = {}): Policy {
  const numbers: Record<string, unknown> = { ...defaultPolicy, version: 1 };
  for (const [section, value] of Object.entries(values)) {
    const before = numbers[section];
    const merge = typeof value === 'object' && value !== null && typeof before === 'object';
    numbers[section] = merge ? { ...before, ...value } : value;
  }
  return numbers as unknown as Policy;
}
