/** What people write and what is secret stands in no log line and no metric, also where a request fails. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedConversation } from './conversation.ts';
import { createTestApi, operatorKey, type TestApi } from './test-api.ts';

const canary = 'canary-7f3a';
const phone = '+4915799887766';

let api: TestApi;
const secrets: string[] = [operatorKey];

beforeAll(async () => {
  api = await createTestApi();
  const account = await api.account();
  const { key, groupId } = account;
  const [agentId = ''] = account.agentIds;
  const { contactId } = await seedConversation(api.pool, account, { name: canary, phone });
  const made = await api.call(operatorKey, 'POST', '/v1/accounts', { name: canary });
  const token = await api.call(key, 'POST', `/v1/agents/${agentId}/tokens`);
  const bot = await api.call(key, 'POST', '/v1/bots', {
    name: canary,
    type: 'http',
    settings: { url: `https://${canary}.example` },
  });
  secrets.push(key, made.body.key, token.body.token, bot.body.secret);

  const headers = {
    'user-agent': canary,
    'x-request-id': canary,
    referer: `https://${canary}`,
    cookie: canary,
    'x-forwarded-for': canary,
  };
  const calls: [string, string, unknown?][] = [
    ['GET', `/v1/contacts?q=${canary}`],
    ['GET', `/v1/contacts?q=${encodeURIComponent(phone)}&more=${canary}`],
    ['GET', `/v1/contacts/${canary}`],
    ['GET', `/v1/${canary}`],
    ['POST', `/v1/contacts/${contactId}/notes`, { text: canary }],
    ['POST', `/v1/contacts/${contactId}/notes`, { text: canary, [canary]: canary }],
    ['PATCH', `/v1/contacts/${contactId}`, { name: canary, attributes: { [canary]: canary } }],
    ['POST', '/v1/agents', { name: canary, email: `${canary}@example.com`, groupIds: [groupId] }],
    ['POST', '/v1/agents', { name: canary, email: `${canary}@example.com` }],
    ['POST', '/v1/agents', { name: canary, email: canary }],
    ['POST', '/v1/bots', { name: canary, type: 'http', settings: { url: canary } }],
    ['POST', '/v1/bots', { name: canary, type: canary }],
    ['PUT', '/v1/policy', { notices: { assigned: canary }, routing: {} }],
    ['POST', '/v1/tags', { name: `${canary}\u0000` }],
  ];
  for (const [method, url, body] of calls) {
    await api.call(key, method, url, body, headers);
    await api.call(canary, method, url, body, headers);
  }
  await api.call(`bk_${canary}`, 'GET', '/v1/me');
});
afterAll(() => api.close());

test('no words, no addresses, no secrets in the logs', () => {
  const logged = api.logs.join('');
  expect(api.logs.length).toBeGreaterThan(30);
  for (const secret of [canary, phone, phone.slice(1), ...secrets]) {
    expect(logged).not.toContain(secret);
  }
});

test('no words, no ids in the metrics', async () => {
  const { text } = await api.call(null, 'GET', '/metrics');
  expect(text).toContain('baton_http_request_seconds_count{method="GET",route="/v1/contacts",status="200"} 1');
  expect(text).not.toContain(canary);
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
});

test('a line names the request, its route, its account and who asked', () => {
  const lines = api.logs.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.find(({ route, status }) => route === '/v1/contacts/:contactId/notes' && status === 201)).toMatchObject({
    request: expect.any(String) as string,
    method: 'POST',
    account: expect.any(String) as string,
    principal: expect.any(String) as string,
  });
});
