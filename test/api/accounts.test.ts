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
  const stranger = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
  for (const token of [null, stranger, `${operatorKey}x`, 'nonsense']) {
    expect(await api.call(token, 'POST', '/v1/accounts', { name: 'Mine' })).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  }
});

test('the operator lists all accounts, page by page, and nobody else does', async () => {
  const made = [await api.account(), await api.account(), await api.account()].map(({ accountId }) => accountId);
  const listed: string[] = [];
  let cursor = '';
  do {
    const { status, body } = await api.call(operatorKey, 'GET', `/v1/accounts?limit=2${cursor}`);
    expect(status).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(2);
    listed.push(...body.items.map(({ id }) => id));
    cursor = body.next === null ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  expect(listed).toEqual([...new Set(listed)].toSorted());
  expect(listed).toEqual(expect.arrayContaining(made));
  const { key } = await api.account();
  expect((await api.call(key, 'GET', '/v1/accounts')).status).toBe(403);
  expect((await api.call(null, 'GET', '/v1/accounts')).status).toBe(401);
});

test('a good key is told that it is of the other kind, and opens nothing', async () => {
  const { key, accountId, agentIds } = await api.account({ agents: 1 });
  const { token } = (await api.call(key, 'POST', `/v1/agents/${agentIds[0]}/tokens`)).body;
  const wrongKind = { status: 403, body: { code: 'wrong-kind-of-key' } };
  expect(await api.call(operatorKey, 'GET', '/v1/accounts/me')).toMatchObject(wrongKind);
  expect(await api.call(operatorKey, 'GET', '/v1/me')).toMatchObject(wrongKind);
  for (const own of [key, token, await api.keyFor(accountId, ['tags:read'])]) {
    expect(await api.call(own, 'POST', '/v1/accounts', { name: 'Mine' })).toMatchObject(wrongKind);
  }
});

test('a key that was revoked is unknown at the operator’s routes, too', async () => {
  const { key } = await api.account();
  const made = await api.call(key, 'POST', '/v1/api-keys', { name: 'Gone', scopes: ['tags:read'] });
  await api.call(key, 'DELETE', `/v1/api-keys/${made.body.id}`);
  expect(await api.call(made.body.key, 'POST', '/v1/accounts', { name: 'Mine' })).toMatchObject({
    status: 401,
    body: { code: 'unauthenticated' },
  });
});
