import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApi, operatorKey, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => (api = await createTestApi()));
afterAll(() => api.close());

test('the operator makes an account with a key, a default group and a first policy', async () => {
  const made = await api.call(operatorKey, 'POST', '/v1/accounts', { name: ' Example Shop ' });
  expect(made).toMatchObject({ status: 201, body: { account: { name: 'Example Shop' }, policyVersion: 1 } });
  const { key, account, groupId } = made.body;

  expect(await api.call(key, 'GET', '/v1/accounts/me')).toMatchObject({ status: 200, body: account });
  expect((await api.call(key, 'GET', '/v1/groups')).body.items).toMatchObject([{ id: groupId, name: 'Support' }]);
  const { body: policy } = await api.call(key, 'GET', '/v1/policy');
  expect(policy).toMatchObject({ version: 1, routing: { default: { kind: 'group', groupId } } });
  expect(policy.notices).toMatchObject({ assigned: 'You are being transferred to an agent', resolved: 'Resolved' });
});

test('anybody else can’t', async () => {
  const { key } = await api.account();
  for (const token of [null, key, `${operatorKey}x`, 'nonsense']) {
    expect(await api.call(token, 'POST', '/v1/accounts', { name: 'Mine' })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  }
});

test('the operator’s key opens nothing else', async () => {
  expect((await api.call(operatorKey, 'GET', '/v1/accounts/me')).status).toBe(401);
});
