import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../api/app.ts';
import { asksForKey, operationsOf } from './operations.ts';
import { createTestApi, depsOfTest, type TestApi } from './test-api.ts';

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

  test.each(['/', '/v1'])('whoever has only the address learns at %s where the rest is', async (path) => {
    const { status, text } = await api.call(null, 'GET', path);
    expect(status).toBe(200);
    const { name, ...places } = JSON.parse(text) as Record<string, string>;
    expect(name).toBe('Baton');
    expect(Object.keys(places)).toEqual(['docs', 'openapi', 'livez', 'readyz']);
    for (const place of Object.values(places)) expect((await api.call(null, 'GET', place)).status).toBeLessThan(400);
  });

  test('the document and a page to read it with are public', async () => {
    const document = await api.call(null, 'GET', '/v1/openapi.json');
    expect(document).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
    const page = await api.call(null, 'GET', '/docs/');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  });

  test('a browser of any origin may ask, since nothing is known of it but what it sends', async () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'PUT' };
    const answer = await api.call(null, 'OPTIONS', '/v1/policy', undefined, headers);
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });
});

describe('what a route asks of its caller', () => {
  test('is declared, or the app doesn’t start', async () => {
    const app = await buildApp(depsOfTest());
    app.get('/v1/forgotten', () => 'words');
    await expect(app.ready()).rejects.toThrow('GET /v1/forgotten');
    await app.close();
  });

  test('is a key or token, but where the caller proves who it is in another way', async () => {
    const app = await buildApp(depsOfTest());
    await app.ready();
    const open = operationsOf(app).filter((operation) => !asksForKey(operation));
    const otherwise =
      /^\/(v1|livez|readyz|metrics)?$|^\/v1\/(accounts$|problems\/|webhooks\/|desks\/\{accountId\}\/|bot-replies\/|widget\/)/;
    expect(open.map(({ path }) => path).filter((path) => !otherwise.test(path))).toEqual([]);
    await app.close();
  });
});
