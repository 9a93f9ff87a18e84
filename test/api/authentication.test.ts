import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roleScopes, scopes } from '../../api/scopes.ts';
import { inAccount } from '../../store/connection.ts';
import { createTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let now = Date.now();
const [newKey, oldKey] = ['the-newer-signing-key-with-32-characters', 'the-older-signing-key-with-32-characters'];

beforeAll(async () => {
  api = await createTestApi({ config: { jwtKeys: [newKey, oldKey] }, deps: { clock: () => now } });
});
afterAll(() => api.close());

const unauthenticated = { status: 401, body: { code: 'unauthenticated' } };
const me = (token: string | null) => api.call(token, 'GET', '/v1/me');

describe('an API key', () => {
  test('is shown once, and stored as a digest only', async () => {
    const { accountId, key } = await api.account();
    const made = await api.call(key, 'POST', '/v1/api-keys', { name: 'CRM', scopes: ['tags:read'] });
    expect(made).toMatchObject({ status: 201, body: { name: 'CRM', scopes: ['tags:read'], revokedAt: null } });
    const secret: string = made.body.key;
    expect(await me(secret)).toMatchObject({
      status: 200,
      body: { accountId, kind: 'key', role: 'integration', scopes: ['tags:read'], agent: null },
    });
    const shown = await api.call(key, 'GET', `/v1/api-keys/${made.body.id}`);
    expect(shown.text).not.toContain(secret);
    const stored = await inAccount(api.pool, accountId, (tx) => tx.query('SELECT api_keys::text AS row FROM api_keys'));
    expect(JSON.stringify(stored.rows)).not.toContain(secret);
  });

  test('works no more once it is revoked', async () => {
    const { key } = await api.account();
    const made = await api.call(key, 'POST', '/v1/api-keys', { name: 'Short', scopes: ['account:read'] });
    expect((await me(made.body.key)).status).toBe(200);
    expect((await api.call(key, 'DELETE', `/v1/api-keys/${made.body.id}`)).status).toBe(204);
    expect(await me(made.body.key)).toMatchObject(unauthenticated);
    expect((await api.call(key, 'DELETE', `/v1/api-keys/${made.body.id}`)).status).toBe(204);
  });

  test('works no more once it has expired', async () => {
    const { key } = await api.account();
    const expiresAt = new Date(now + 1_000).toISOString();
    const made = await api.call(key, 'POST', '/v1/api-keys', { name: 'Short', scopes: ['account:read'], expiresAt });
    expect((await me(made.body.key)).status).toBe(200);
    now += 1_000;
    expect(await me(made.body.key)).toMatchObject(unauthenticated);
    expect(
      (await api.call(key, 'POST', '/v1/api-keys', { name: 'Past', scopes: ['account:read'], expiresAt })).status,
    ).toBe(400);
  });

  test('is made with the scopes that it is to have, and never with some that nobody named', async () => {
    const { key } = await api.account();
    for (const scopes of [undefined, [], ['all']]) {
      const answer = await api.call(key, 'POST', '/v1/api-keys', { name: 'Vague', scopes });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
      expect(answer.body.issues[0]?.path.slice(0, 2)).toEqual(['body', 'scopes']);
    }
  });

  test('makes no key that can do more than it can itself', async () => {
    const { accountId } = await api.account();
    const key = await api.keyFor(accountId, ['api-keys:write', 'tags:read']);
    const asked = { name: 'More', scopes: ['tags:read', 'policy:write'] };
    expect(await api.call(key, 'POST', '/v1/api-keys', asked)).toMatchObject({
      status: 403,
      body: { code: 'missing-scope', scope: 'policy:write' },
    });
  });

  test('is a Bearer, and nothing else is', async () => {
    const { key } = await api.account();
    for (const authorization of [key, `Basic ${key}`, `Bearer ${key} ${key}`, 'Bearer', `Bearer ${key.slice(0, -1)}`]) {
      expect(await api.call(null, 'GET', '/v1/me', undefined, { authorization })).toMatchObject(unauthenticated);
    }
  });
});

describe('an agent’s token', () => {
  const tokenOf = async (key: string, agentId: string): Promise<string> => {
    const made = await api.call(key, 'POST', `/v1/agents/${agentId}/tokens`);
    expect(made.status).toBe(201);
    return made.body.token;
  };

  test('carries the scopes of the agent’s role', async () => {
    const { accountId, key, agentIds, groupId } = await api.account();
    const [agentId = ''] = agentIds;
    expect(await me(await tokenOf(key, agentId))).toMatchObject({
      status: 200,
      body: {
        accountId,
        kind: 'agent',
        id: agentId,
        role: 'agent',
        scopes: roleScopes.agent,
        agent: { groupIds: [groupId] },
      },
    });
  });

  test('follows the role of now, not of when it was made', async () => {
    const { key, agentIds } = await api.account();
    const [agentId = ''] = agentIds;
    await api.call(key, 'PATCH', `/v1/agents/${agentId}`, { role: 'admin' });
    const token = await tokenOf(key, agentId);
    expect((await me(token)).body.scopes).toEqual(scopes);
    await api.call(key, 'PATCH', `/v1/agents/${agentId}`, { role: 'auditor' });
    expect((await me(token)).body.scopes).toEqual(roleScopes.auditor);
  });

  test('is void from the moment the agent’s tokens are revoked, or the agent is removed', async () => {
    const { key, agentIds } = await api.account();
    const [one = '', other = ''] = agentIds;
    const tokens = [await tokenOf(key, one), await tokenOf(key, other)] as const;
    expect((await api.call(key, 'DELETE', `/v1/agents/${one}/tokens`)).status).toBe(204);
    expect(await me(tokens[0])).toMatchObject(unauthenticated);
    expect((await me(tokens[1])).status).toBe(200);
    expect((await me(await tokenOf(key, one))).status).toBe(200);
    expect((await api.call(key, 'DELETE', `/v1/agents/${other}`)).status).toBe(204);
    expect(await me(tokens[1])).toMatchObject(unauthenticated);
  });

  test('is given up by the agent, and nobody else’s', async () => {
    const { key, agentIds } = await api.account();
    const [one = '', other = ''] = agentIds;
    const token = await tokenOf(key, one);
    expect(await api.call(token, 'DELETE', `/v1/agents/${other}/tokens`)).toMatchObject({
      status: 403,
      body: { scope: 'agents:write' },
    });
    expect((await api.call(token, 'DELETE', `/v1/agents/${one}/tokens`)).status).toBe(204);
    expect(await me(token)).toMatchObject(unauthenticated);
  });

  test('is made for nobody who may do more than the one who asks', async () => {
    const { accountId, key, agentIds } = await api.account();
    const [agentId = ''] = agentIds;
    await api.call(key, 'PATCH', `/v1/agents/${agentId}`, { role: 'admin' });
    const lesser = await api.keyFor(accountId, ['agents:write', ...roleScopes.agent]);
    expect(await api.call(lesser, 'POST', `/v1/agents/${agentId}/tokens`)).toMatchObject({ status: 403 });
    expect(await api.call(lesser, 'PATCH', `/v1/agents/${agentId}`, { name: 'Me' })).toMatchObject({ status: 403 });
    expect(await api.call(lesser, 'POST', '/v1/agents', { name: 'Boss', role: 'admin' })).toMatchObject({
      status: 403,
    });
    expect((await api.call(lesser, 'POST', '/v1/agents', { name: 'Ada' })).status).toBe(201);
  });

  test('expires', async () => {
    const { key, agentIds } = await api.account();
    const token = await tokenOf(key, agentIds[0] ?? '');
    now += 3_600_000;
    expect(await me(token)).toMatchObject(unauthenticated);
  });

  test('that was signed with an older key of the list is still good; one of another key or algorithm never is', async () => {
    const { accountId, agentIds } = await api.account();
    const seconds = Math.floor(now / 1_000);
    const claims = {
      sub: agentIds[0],
      account: accountId,
      role: 'agent',
      epoch: 0,
      iss: 'baton',
      aud: 'baton-api',
      iat: seconds,
      exp: seconds + 600,
    };
    const HS256 = { alg: 'HS256', typ: 'JWT' };
    expect((await me(sign(HS256, claims, oldKey))).status).toBe(200);
    const refused = [
      sign(HS256, claims, 'some-other-signing-key-with-32-characters'),
      sign({ alg: 'none', typ: 'JWT' }, claims, null),
      sign({ alg: 'HS512', typ: 'JWT' }, claims, newKey),
      sign(HS256, { ...claims, iss: 'another' }, newKey),
      sign(HS256, { ...claims, aud: 'another' }, newKey),
      sign(HS256, { ...claims, exp: undefined }, newKey),
      sign(HS256, { ...claims, epoch: 1 }, newKey),
      sign(HS256, { ...claims, account: agentIds[0] }, newKey),
      sign(HS256, { ...claims, sub: 'not-an-id' }, newKey),
    ];
    for (const token of refused) {
      expect(await me(token)).toMatchObject(unauthenticated);
    }
  });
});

function sign(header: object, claims: object, key: string | null): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part(header)}.${part(claims)}`;
  const algorithm = JSON.stringify(header).includes('512') ? 'sha512' : 'sha256';
  return `${text}.${key === null ? '' : createHmac(algorithm, key).update(text).digest('base64url')}`;
}
