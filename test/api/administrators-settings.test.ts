/** S1-13: settings are the administrator's. Whoever works with chats learns of a channel or bot what that takes, and no more. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentRole } from '../../store/roles.ts';
import { createTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => (api = await createTestApi()));
afterAll(() => api.close());

const url = 'https://backend.example.com/baton';

async function setUp() {
  const account = await api.account();
  const { key, botId, agentIds } = account;
  const settings = { url };
  const bot = await api.call(key, 'POST', '/v1/bots', { name: 'Theirs', type: 'http', settings });
  const desk = await api.call(key, 'POST', '/v1/desks', { name: 'CRM', type: 'http', settings });
  const channel = (name: string, of: string) =>
    api.call(key, 'POST', '/v1/channels', { name, type: 'http', settings, botId: of });
  const [ours, theirs] = [await channel('Ours', botId), await channel('Theirs', bot.body.id)];
  const [agentId = '', otherId = ''] = agentIds;
  await api.call(key, 'PATCH', `/v1/agents/${agentId}`, { botIds: [botId], email: 'ada@example.com' });
  await api.call(key, 'PATCH', `/v1/agents/${otherId}`, { email: 'bob@example.com' });
  const tokenAs = async (role: AgentRole): Promise<string> => {
    await api.call(key, 'PATCH', `/v1/agents/${agentId}`, { role });
    return (await api.call(key, 'POST', `/v1/agents/${agentId}/tokens`)).body.token;
  };
  const ids = { ours: ours.body.id, theirs: theirs.body.id, desk: desk.body.id, bot: bot.body.id };
  return { ...account, agentId, otherId, tokenAs, ids };
}

describe('S1-13: what channels, bots and desks are configured with', () => {
  test.each(['agent', 'supervisor', 'auditor'] as const)('is hidden from the role %s', async (role) => {
    const { tokenAs, botId, ids } = await setUp();
    const token = await tokenAs(role);
    const paths = [
      '/v1/channels',
      '/v1/bots',
      '/v1/desks',
      `/v1/channels/${ids.ours}`,
      `/v1/bots/${botId}`,
      `/v1/desks/${ids.desk}`,
    ];
    for (const path of paths) {
      const answer = await api.call(token, 'GET', path);
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('"name"');
      expect(answer.text).not.toMatch(/backend\.example|"settings"|"secretCount"/);
    }
  });

  test('is shown to administrators, and to keys that say so', async () => {
    const { accountId, tokenAs, ids } = await setUp();
    const path = `/v1/channels/${ids.ours}`;
    const shown = { settings: { url }, secretCount: 1 };
    expect((await api.call(await tokenAs('admin'), 'GET', path)).body).toMatchObject(shown);
    const reading = await api.keyFor(accountId, ['channels:read', 'settings:read']);
    expect((await api.call(reading, 'GET', path)).body).toMatchObject(shown);
    const plain = await api.keyFor(accountId, ['channels:read']);
    expect((await api.call(plain, 'GET', path)).body).not.toMatchObject(shown);
  });

  test('S4-2: agents learn of the bots and channels only that are theirs', async () => {
    const { tokenAs, botId, channelId, ids } = await setUp();
    const token = await tokenAs('agent');
    const listed = async (what: string) =>
      new Set((await api.call(token, 'GET', `/v1/${what}`)).body.items.map(({ id }) => id));
    expect(await listed('bots')).toEqual(new Set([botId]));
    expect(await listed('channels')).toEqual(new Set([channelId, ids.ours]));
    for (const path of [`/v1/bots/${ids.bot}`, `/v1/channels/${ids.theirs}`]) {
      expect(await api.call(token, 'GET', path)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
  });
});

test('S1-13: addresses of colleagues are the administrator’s, to read and to search by; one’s own is one’s own', async () => {
  const { tokenAs, key, agentId, otherId } = await setUp();
  const token = await tokenAs('agent');
  const found = async (as: string) =>
    (await api.call(as, 'GET', '/v1/agents?q=bob@example')).body.items.map(({ id }) => id);
  expect((await api.call(token, 'GET', '/v1/me')).text).toContain('ada@example.com');
  expect((await api.call(token, 'GET', `/v1/agents/${agentId}`)).text).toContain('ada@example.com');
  expect((await api.call(token, 'GET', `/v1/agents/${otherId}`)).text).not.toContain('example.com');
  expect((await api.call(token, 'GET', '/v1/agents')).text).not.toContain('bob@example.com');
  expect(await found(token)).toEqual([]);
  expect(await found(key)).toEqual([otherId]);
});
