import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { createTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => (api = await createTestApi()));
afterAll(() => api.close());

const url = 'https://backend.example.com/baton';

async function secretsOf(table: string, accountId: string, id: string): Promise<string[]> {
  return inAccount(api.pool, accountId, async (tx) => {
    const { rows } = await tx.query<{ secrets: string[] }>(`SELECT secrets FROM ${table} WHERE id = $1`, [id]);
    return rows[0]?.secrets ?? [];
  });
}

describe.each(['bots', 'desks', 'channels'] as const)('%s', (table) => {
  const wanted = { name: 'Ours', type: 'http', settings: { url } };
  const create = async (key: string, botId: string) =>
    api.call(key, 'POST', `/v1/${table}`, table === 'channels' ? { ...wanted, botId } : wanted);

  test('are connected, read, listed, changed, switched off and on again', async () => {
    const { key, botId } = await api.account();
    const made = await create(key, botId);
    expect(made).toMatchObject({ status: 201, body: { name: 'Ours', type: 'http', enabled: true, secretCount: 1 } });
    const path = `/v1/${table}/${made.body.id}`;

    expect(await api.call(key, 'GET', path)).toMatchObject({ status: 200, body: { settings: { url } } });
    expect((await api.call(key, 'PATCH', path, { name: 'Theirs' })).body).toMatchObject({
      name: 'Theirs',
      settings: { url },
    });
    expect((await api.call(key, 'DELETE', path)).status).toBe(204);
    expect((await api.call(key, 'GET', path)).body.enabled).toBe(false);
    const listed = async (query: string) =>
      (await api.call(key, 'GET', `/v1/${table}${query}`)).body.items as { id: string }[];
    expect((await listed('')).map(({ id }) => id)).not.toContain(made.body.id);
    expect((await listed('?disabled=true&type=http')).map(({ id }) => id)).toContain(made.body.id);
    expect((await api.call(key, 'PATCH', path, { enabled: true })).body.enabled).toBe(true);
  });

  test('get a signing secret that is shown once; a rotation keeps the one before valid', async () => {
    const { accountId, key, botId } = await api.account();
    const made = await create(key, botId);
    const { id, secret: first } = made.body;
    expect(first).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const rotate = (body: object) => api.call(key, 'POST', `/v1/${table}/${id}/secrets`, body);

    const second = await rotate({});
    expect(second).toMatchObject({ status: 201, body: { secretCount: 2 } });
    expect(await secretsOf(table, accountId, id)).toEqual([second.body.secret, first]);
    const third = await rotate({});
    expect(await secretsOf(table, accountId, id)).toEqual([third.body.secret, second.body.secret]);
    const given = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(await rotate({ secret: given, keepPrevious: false })).toMatchObject({
      status: 201,
      body: { secretCount: 1 },
    });
    expect(await secretsOf(table, accountId, id)).toEqual([given]);
    expect((await rotate({ secret: 'short' })).status).toBe(400);

    const { text } = await api.call(key, 'GET', `/v1/${table}/${id}`);
    const list = await api.call(key, 'GET', `/v1/${table}`);
    expect(text + list.text).not.toMatch(/whsec_/);
  });

  test('with settings that their type can’t use: 422 with what is wrong, and nothing is saved', async () => {
    const { key, botId } = await api.account();
    const asked = { ...wanted, botId, settings: { url: 'ftp://example.com' } };
    const body = table === 'channels' ? asked : { name: asked.name, type: asked.type, settings: asked.settings };
    expect(await api.call(key, 'POST', `/v1/${table}`, body)).toMatchObject({
      status: 422,
      body: { code: 'invalid-settings', issues: [{ path: ['body', 'settings', 'url'] }] },
    });
    const made = await create(key, botId);
    const path = `/v1/${table}/${made.body.id}`;
    expect((await api.call(key, 'PATCH', path, { name: 'New', settings: {} })).status).toBe(422);
    expect((await api.call(key, 'GET', path)).body).toMatchObject({ name: 'Ours', settings: { url } });
  });

  test('of a type that nobody knows: 422 with those that are known', async () => {
    const { key, botId } = await api.account();
    const body = { name: 'X', type: 'pigeon', ...(table === 'channels' ? { botId } : {}) };
    const answer = await api.call(key, 'POST', `/v1/${table}`, body);
    expect(answer).toMatchObject({ status: 422, body: { issues: [{ path: ['body', 'type'] }] } });
    expect(answer.body.issues[0]?.message).toContain('http');
  });
});

test('a bot that a channel names stays', async () => {
  const { key, botId, channelId } = await api.account();
  expect(await api.call(key, 'DELETE', `/v1/bots/${botId}`)).toMatchObject({
    status: 409,
    body: { code: 'in-use', channels: 1 },
  });
  expect((await api.call(key, 'PATCH', `/v1/bots/${botId}`, { enabled: false })).status).toBe(409);
  await api.call(key, 'DELETE', `/v1/channels/${channelId}`);
  expect((await api.call(key, 'DELETE', `/v1/bots/${botId}`)).status).toBe(204);
  expect(await api.call(key, 'PATCH', `/v1/channels/${channelId}`, { enabled: true })).toMatchObject({
    status: 422,
    body: { issues: [{ path: ['body', 'botId'] }] },
  });
});

test('a desk that the policy names stays', async () => {
  const { key } = await api.account();
  const desk = await api.call(key, 'POST', '/v1/desks', { name: 'Ours', type: 'http', settings: { url } });
  const { notices } = (await api.call(key, 'GET', '/v1/policy')).body;
  const target = { kind: 'desk', deskId: desk.body.id };
  await api.call(key, 'PUT', '/v1/policy', { notices, routing: { rules: [{ skill: 'sales', target }] } });
  const path = `/v1/desks/${desk.body.id}`;
  expect(await api.call(key, 'DELETE', path)).toMatchObject({
    status: 409,
    body: { code: 'in-use', chats: 0, policy: true },
  });
  await api.call(key, 'PUT', '/v1/policy', { notices, routing: {} });
  expect((await api.call(key, 'DELETE', path)).status).toBe(204);
});

describe('who answers first on a channel', () => {
  const save = async (serving: object) => {
    const { key, botId, groupId, channelId } = await api.account();
    const answer = await api.call(key, 'PATCH', `/v1/channels/${channelId}`, { settings: { url }, ...serving });
    return { answer, botId, groupId };
  };

  test('is the bot that is named, or managers', async () => {
    expect((await save({ responsible: 'managers', botId: null })).answer).toMatchObject({
      status: 200,
      body: { responsible: 'managers', botId: null },
    });
  });

  test('must be somebody', async () => {
    expect((await save({ botId: null })).answer).toMatchObject({
      status: 422,
      body: { code: 'invalid-settings', issues: [{ path: ['body', 'botId'] }] },
    });
  });

  test('S0-10: in business mode is the platform’s to say', async () => {
    const refused = { status: 422, body: { code: 'configured-on-platform' } };
    expect((await save({ mode: 'business' })).answer).toMatchObject(refused);
    expect((await save({ mode: 'business', groupId: null, responsible: 'managers' })).answer).toMatchObject(refused);
    expect((await save({ mode: 'business', groupId: null })).answer).toMatchObject({
      status: 200,
      body: { mode: 'business' },
    });
  });
});

test('S0-5: a channel says what it can carry', async () => {
  const { key, botId } = await api.account();
  const made = await api.call(key, 'POST', '/v1/channels', { name: 'Chat', type: 'webchat', botId });
  expect(made).toMatchObject({ status: 201, body: { capabilities: { text: { dir: 'both' } } } });
});
