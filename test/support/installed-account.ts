/** An account of an installation: a channel's backend that keeps books, a bot, and an agent with room for everybody. */
import { createApiClient, type ApiClient } from '../../dev/api-client.ts';
import { hashToken, newApiKey } from '../../api/tokens.ts';
import { scopes } from '../../api/scopes.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { type AccountOptions, seedAccount, type SeededAccount } from './account.ts';
import { type BotScript, type FakeBot, startFakeBot } from './fake-bot.ts';
import { type FakeChannel, startFakeChannel } from './fake-channel.ts';
import type { Installation } from './installation.ts';
import { required } from './required.ts';

export interface InstalledAccount extends SeededAccount {
  key: string;
  /** For what a test arranges and looks at. */
  pool: Pool;
  channel: FakeChannel;
  bot: FakeBot;
  /** By the first agent. */
  agent: ApiClient;
  /** The conversation of each thread. */
  conversations(): Promise<Map<string, string>>;
  close(): Promise<void>;
}

export async function openAccountOf(
  { url, database }: Installation,
  { script, numbers }: { script: BotScript; numbers?: AccountOptions['numbers'] },
): Promise<InstalledAccount> {
  const pool = createPool({ url: database.arrangerUrl, max: 4, name: 'test' });
  const [channel, bot] = await Promise.all([startFakeChannel(), startFakeBot({ script })]);
  const seeded = await seedAccount(pool, {
    channelSettings: { url: channel.url, idempotency: 'key' },
    botSettings: { url: bot.url },
    maxChats: 1_000,
    ...(numbers && { numbers }),
  });
  const { accountId, channelId, botId, agentIds } = seeded;
  const key = newApiKey();
  await inAccount(pool, accountId, (tx) =>
    tx.query(
      `INSERT INTO api_keys (account_id, id, name, hash, scopes, created_at)
       VALUES ($1, gen_random_uuid(), 'Test', $2, $3, $4)`,
      [accountId, hashToken(key), scopes, new Date()],
    ),
  );
  const api = createApiClient(url, key);
  await api.post(`/v1/channels/${channelId}/secrets`, { secret: channel.secret });
  await api.post(`/v1/bots/${botId}/secrets`, { secret: bot.secret });
  const { token } = await api.post<{ token: string }>(`/v1/agents/${required(agentIds[0])}/tokens`);
  channel.connect(`${url}/v1/webhooks/${accountId}/${channelId}`);
  return {
    ...seeded,
    key,
    pool,
    channel,
    bot,
    agent: api.as(token),
    async conversations() {
      const query = 'SELECT id, external_thread FROM conversations WHERE account_id = $1';
      const { rows } = await inAccount(pool, accountId, (tx) =>
        tx.query<{ id: string; external_thread: string }>(query, [accountId]),
      );
      return new Map(rows.map((row) => [row.external_thread, row.id]));
    },
    async close() {
      await Promise.all([channel.stop(), bot.stop(), pool.end()]);
    },
  };
}
