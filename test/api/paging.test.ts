import { afterAll, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { seedConversation } from './conversation.ts';
import { operationsOf } from './operations.ts';
import { createTestApi, operatorKey } from './test-api.ts';

const api = await createTestApi();
afterAll(() => api.close());

const known = uuid();
const oddParts = [
  null,
  '\0',
  '\ud800',
  '0000-01-01T00:00:00Z',
  '2026-01-01T00:00:00Z',
  known,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
];
const oddKeys = [
  ...oddParts,
  ...oddParts.map((part) => [part]),
  ...oddParts.flatMap((one) => oddParts.map((other) => [one, other])),
  ...oddParts.flatMap((one) => oddParts.map((other) => [one, other, known])),
];

const lists = operationsOf(api.app).filter(({ method, query }) => method === 'GET' && 'cursor' in query);

test.each(lists.map(({ path }) => path))('R21: %s takes no cursor amiss that was made up', async (path) => {
  const account = await api.account();
  const key = path === '/v1/accounts' ? operatorKey : account.key;
  const { conversationId, contactId } = await seedConversation(api.pool, account);
  const url = path.replace('{conversationId}', conversationId).replace('{contactId}', contactId);
  const wrong: unknown[] = [];
  const orders = path === '/v1/conversations' ? ['', '&order=oldest', '&order=priority'] : [''];
  for (const [order, odd] of orders.flatMap((one) => oddKeys.map((other) => [one, other] as const))) {
    const cursor = Buffer.from(JSON.stringify(odd)).toString('base64url');
    const { status } = await api.call(key, 'GET', `${url}?limit=1&cursor=${cursor}${order}`);
    if (status !== 200 && status !== 400) wrong.push([odd, status]);
  }
  expect(wrong).toEqual([]);
});
