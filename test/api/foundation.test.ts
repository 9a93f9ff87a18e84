import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestApi, type TestApi } from './test-api.ts';

describe('what every request passes through', () => {
  let api: TestApi;
  beforeAll(async () => (api = await createTestApi()));
  afterAll(() => api.close());

  test('a key reads its own account', async () => {
    const { accountId, key } = await api.account();
    const answer = await api.call(key, 'GET', '/v1/accounts/me');
    expect(answer).toMatchObject({ status: 200, body: { id: accountId } });
  });

  test('without a key: 401, as a problem', async () => {
    const answer = await api.call(null, 'GET', '/v1/accounts/me');
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated', status: 401 } });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test('a missing scope is named', async () => {
    const { accountId } = await api.account();
    const answer = await api.call(await api.keyFor(accountId, ['tags:read']), 'GET', '/v1/accounts/me');
    expect(answer).toMatchObject({ status: 403, body: { code: 'missing-scope', scope: 'account:read' } });
  });

  test('an unknown route is a 404 of the same shape', async () => {
    expect(await api.call(null, 'GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  test('the document and a page to read it with are public', async () => {
    const document = await api.call(null, 'GET', '/v1/openapi.json');
    expect(document).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
    const page = await api.call(null, 'GET', '/docs/');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  });
});
