import { Agent } from 'undici';
import { v7 as uuid } from 'uuid';
import { createWorkActivities } from '../../activities/work.ts';
import type { AdapterBug, WorkDependencies } from '../../activities/dependencies.ts';
import { bots } from '../../adapters/bots/registry.ts';
import { channels } from '../../adapters/channels/registry.ts';
import type { Capabilities } from '../../adapters/contract/capabilities.ts';
import type { ChannelAdapter } from '../../adapters/contract/channel.ts';
import { desks } from '../../adapters/desks/registry.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import { createTestDatabase, seedAccount, type SeededAccount } from '../support/database.ts';
import type { AccountOptions } from '../support/account.ts';
import { startFakeBot, type FakeBot } from '../support/fake-bot.ts';
import { startFakeChannel, type FakeChannel } from '../support/fake-channel.ts';
import { startFakeDesk, type FakeDesk } from '../support/fake-desk.ts';
import { Chat } from './chat.ts';

/** A database, a channel, a bot and a desk that keep books, and the activities under test. */
export interface Setting {
  /** For what a test arranges; `deps` have the worker's. */
  pool: Pool;
  deps: WorkDependencies;
  work: ReturnType<typeof createWorkActivities>;
  channel: FakeChannel;
  bot: FakeBot;
  desk: FakeDesk;
  /** Of adapters that threw, in order. */
  bugs: AdapterBug[];
  /** The clock is the machine's, plus this. */
  passed: { ms: number };
  /** Another worker on the same database, with other adapters, limits or clock if given. */
  another(changes?: Partial<WorkDependencies>): ReturnType<typeof createWorkActivities>;
  account(options?: AccountOptions): Promise<SeededAccount>;
  /** A conversation of an account of its own. */
  chat(options?: AccountOptions): Promise<Chat>;
  addDesk(accountId: string): Promise<string>;
  close(): Promise<void>;
}

export async function createSetting(): Promise<Setting> {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.arrangerUrl, max: 8, name: 'test' });
  const workerPool = createPool({ url: database.workerUrl, max: 16, name: 'test-activities' });
  const [channel, bot, desk] = await Promise.all([
    startFakeChannel({ idempotency: 'none' }),
    startFakeBot(),
    startFakeDesk(),
  ]);
  const http = new Agent();
  const passed = { ms: 0 };
  const bugs: AdapterBug[] = [];
  const deps: WorkDependencies = {
    pool: workerPool,
    http,
    channels,
    bots,
    desks,
    publicUrl: 'http://baton.test',
    tokenKey: 'a key of tokens, 32 characters long',
    clock: () => Date.now() + passed.ms,
    onAdapterBug: (bug) => bugs.push(bug),
    limits: { sendMs: 2_000, presenceMs: 2_000 },
  };
  const setting: Setting = {
    pool,
    deps,
    work: createWorkActivities(deps),
    channel,
    bot,
    desk,
    bugs,
    passed,
    another: (changes) => createWorkActivities({ ...deps, ...changes }),
    account: async (options = {}) => {
      const seeded = await seedAccount(pool, {
        ...options,
        channelSettings: { url: channel.url, idempotency: 'none', ...options.channelSettings },
        botSettings: { url: bot.url, ...options.botSettings },
      });
      await inAccount(pool, seeded.accountId, async (tx) => {
        await tx.query('UPDATE channels SET secrets = $1', [JSON.stringify([channel.secret])]);
        await tx.query('UPDATE bots SET secrets = $1', [JSON.stringify([bot.secret])]);
      });
      return seeded;
    },
    chat: async (options) => Chat.begin(pool, await setting.account(options)),
    addDesk: async (accountId) => {
      const id = uuid();
      await inAccount(pool, accountId, (tx) =>
        tx.query(
          `INSERT INTO desks (account_id, id, name, type, settings, secrets, created_at)
           VALUES ($1, $2, 'Desk', 'http', $3, $4, now())`,
          [accountId, id, { url: desk.url }, JSON.stringify([desk.secret])],
        ),
      );
      return id;
    },
    close: async () => {
      await http.close();
      await Promise.all([channel.stop(), bot.stop(), desk.stop()]);
      await Promise.all([pool.end(), workerPool.end()]);
      await database.drop();
    },
  };
  return setting;
}

/** A network of its own: what it does with a key, and what it says when it is asked for it. */
export function network(
  sendIdempotency: 'none' | 'reconcile' | 'key',
  {
    send,
    reconcile = () => 'unknown',
  }: { send(key: string): unknown; reconcile?(key: string): 'sent' | 'absent' | 'unknown' },
  text: Partial<Capabilities['text']> = {},
): Pick<ChannelAdapter, 'delivery' | 'capabilities'> {
  const { capabilities } = httpChannel();
  return {
    capabilities: (settings) => {
      const http = capabilities(settings);
      return { ...http, sendIdempotency, text: { ...http.text, ...text } };
    },
    delivery: {
      kind: 'network',
      send: async ({ key }) => {
        await send(key);
        return { ok: true, providerId: `id of ${key}` };
      },
      reconcile: (key) => Promise.resolve(reconcile(key)),
    },
  };
}

/** The registry, with one more channel: the signed HTTP one, but for this. */
export function withChannel(type: string, change: Partial<ChannelAdapter>): WorkDependencies['channels'] {
  return new Map([...channels, [type, { ...httpChannel(), ...change, type }]]);
}

function httpChannel(): ChannelAdapter {
  const http = channels.get('http');
  if (!http) throw new Error('no http channel');
  return http;
}
