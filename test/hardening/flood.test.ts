/**
 * R23: one tenant floods, by each way that there is, and gets 429 with the time to come back; everybody else is served as
 * before. Walks the OpenAPI document for what a key asks. How much slower the others get is measured by the bench.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { signedHeaders } from '../../adapters/signatures.ts';
import { asksForKey, operationsOf, urlOf } from '../api/operations.ts';
import { type Answer, createTestApi, inject, type TestApi } from '../api/test-api.ts';
import type { SeededAccount } from '../support/account.ts';
import { required } from '../support/required.ts';

const secret = `whsec_${Buffer.from('a secret of the tenants that flood').toString('base64')}`;
let api: TestApi;
afterEach(() => api.close());

const tenant = () => api.account({ channelSecrets: [secret] });

function webhook({ accountId, channelId }: Pick<SeededAccount, 'accountId' | 'channelId'>): Promise<Answer> {
  const data = { id: uuid(), thread: 'flood', contact: { id: 'c' }, content: { text: 'hello' } };
  const payload = JSON.stringify({ type: 'message.received', data });
  const headers = { 'content-type': 'application/json', ...signedHeaders(uuid(), Date.now(), payload, [secret]) };
  return inject(api.app, { method: 'POST', url: `/v1/webhooks/${accountId}/${channelId}`, headers, payload });
}

/** How many of each status. */
function counted(answers: Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** One after the other: of those that come in the same moment the counter sees all before it answers the first. */
async function times<T>(count: number, ask: () => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  while (answers.length < count) answers.push(await ask());
  return answers;
}

test('by a key: 429 at every operation, and another key, of this account or of another, is served at every one', async () => {
  api = await createTestApi({ config: { ratePerKey: 300 } });
  const [flooding, other] = [await tenant(), await tenant()];
  const operations = operationsOf(api.app).filter(asksForKey);
  expect(operations.length).toBeLessThan(280);
  expect(counted(await times(400, () => api.call(flooding.key, 'GET', '/v1/me')))).toEqual({ 200: 300, 429: 100 });
  const [second, third] = [await api.keyFor(flooding.accountId), other.key];
  for (const operation of operations) {
    const url = urlOf(operation, () => uuid());
    const refused = await api.call(flooding.key, operation.method, url, {});
    expect({ url, status: refused.status, code: refused.body.code }).toEqual({
      url,
      status: 429,
      code: 'rate-limited',
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    for (const key of [second, third]) {
      const { status } = await api.call(key, operation.method, url, {});
      expect({ url, status, served: status !== 429 && status < 500 }).toMatchObject({ served: true });
    }
  }
});

describe('by webhooks', () => {
  test('a tenant’s own count, though one network sends for all tenants from one address', async () => {
    api = await createTestApi({ config: { ratePerAddress: 2 } });
    const [flooding, other] = [await tenant(), await tenant()];
    expect(counted(await times(100, () => webhook(flooding)))).toEqual({ 200: 80, 429: 20 });
    expect(counted(await times(20, () => webhook(other)))).toEqual({ 200: 20 });
    expect(counted(await times(5, () => webhook(flooding)))).toEqual({ 429: 5 });
  });

  test('whoever makes accounts up has one count for all of them', async () => {
    api = await createTestApi({ config: { ratePerAddress: 2 } });
    const madeUp = async () => webhook({ accountId: uuid(), channelId: uuid() });
    const { 404: unknown = 0, 429: refused = 0 } = counted(await times(100, madeUp));
    expect(unknown + refused).toBe(100);
    expect(refused).toBeGreaterThan(10);
  });
});

test('by agents and visitors: each has its own count', async () => {
  api = await createTestApi({ config: { ratePerKey: 5 } });
  const { key, agentIds } = await tenant();
  const tokens: string[] = [];
  for (const agentId of agentIds) tokens.push((await api.call(key, 'POST', `/v1/agents/${agentId}/tokens`)).body.token);
  const [one, two] = [required(tokens[0]), required(tokens[1])];
  expect(counted(await times(10, () => api.call(one, 'GET', '/v1/me')))).toEqual({ 200: 5, 429: 5 });
  expect(counted(await times(5, () => api.call(two, 'GET', '/v1/me')))).toEqual({ 200: 5 });
});
