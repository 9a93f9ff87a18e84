/** Two processes of the API remember a channel each; what is changed by one is in force for the next webhook at the other. */
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import { signedHeaders } from '../../adapters/signatures.ts';
import { buildApp } from '../../api/app.ts';
import { createKnownChannels } from '../../api/known-channels.ts';
import { createPool, inAccount, type Pool } from '../../store/connection.ts';
import type { SeededAccount } from '../support/account.ts';
import { required } from '../support/required.ts';
import { createTestApi, depsOfTest, inject, type TestApi } from './test-api.ts';

const [first, second, third] = [
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
  'whsec_plJ3nmyCDGBKInavdOK15jsl1RkGSYsV',
];

let one: TestApi;
let poolOfOther: Pool;
let other: FastifyInstance;
let account: SeededAccount & { key: string };

beforeAll(async () => {
  one = await createTestApi();
  poolOfOther = createPool({ url: one.database.apiUrl, max: 3, name: 'baton-api-other' });
  other = await buildApp({ ...depsOfTest(), pool: poolOfOther });
  await other.ready();
});
afterAll(async () => {
  await other.close();
  await poolOfOther.end();
  await one.close();
});

beforeEach(async () => {
  account = await one.account();
  await rotateTo(first, false);
  // The first reads the channel, the second has it in mind.
  for (const app of [one.app, other, one.app, other]) await statusOf(app, first);
});

const rotateTo = (secret: string | undefined, keepPrevious: boolean) =>
  one.call(account.key, 'POST', `/v1/channels/${account.channelId}/secrets`, { secret, keepPrevious });

async function statusOf(app: FastifyInstance, secret: string | undefined, body: unknown = message()): Promise<number> {
  const payload = JSON.stringify(body);
  const headers = required(signedHeaders(uuid(), Date.now(), payload, [secret ?? '']));
  const url = `/v1/webhooks/${account.accountId}/${account.channelId}`;
  return (await inject(app, { method: 'POST', url, payload, headers })).status;
}

const message = () => ({
  type: 'message.received',
  data: { id: uuid(), thread: 'ann', contact: { id: 'ann', name: 'Ann' }, content: { text: 'Hello' } },
});

const stored = (): Promise<number> =>
  inAccount(one.pool, account.accountId, async (tx) => (await tx.query('SELECT 1 FROM messages')).rows.length);

test('R20: a secret that was exchanged at another process is refused from then on, and the new one is good', async () => {
  expect((await rotateTo(second, false)).status).toBe(201);
  expect(await statusOf(other, first)).toBe(401);
  expect(await statusOf(other, second)).toBe(200);
  expect(await stored()).toBe(5);
});

test('R20: two secrets are good at every process, until the next rotation', async () => {
  await rotateTo(second, true);
  expect([await statusOf(other, second), await statusOf(other, first)]).toEqual([200, 200]);
  await rotateTo(third, true);
  expect([await statusOf(other, first), await statusOf(other, second)]).toEqual([401, 200]);
  expect(await statusOf(other, third)).toBe(200);
});

test('under a secret that is no longer good nothing is read, stored or acknowledged, not even what would be ignored', async () => {
  await rotateTo(second, false);
  for (const body of [
    'not an object',
    [],
    { type: 'unknown.thing', data: {} },
    Array.from({ length: 1_001 }, message),
  ]) {
    expect(await statusOf(other, first, body)).toBe(401);
  }
  expect(await stored()).toBe(4);
  expect(await statusOf(other, second)).toBe(200);
});

test('a channel that was switched off at another process is not found, and comes back with PATCH', async () => {
  const channel = `/v1/channels/${account.channelId}`;
  expect((await one.call(account.key, 'DELETE', channel)).status).toBe(204);
  expect([await statusOf(other, first), await statusOf(one.app, first)]).toEqual([404, 404]);
  expect((await one.call(account.key, 'PATCH', channel, { enabled: true })).status).toBe(200);
  expect([await statusOf(other, first), await statusOf(one.app, first)]).toEqual([200, 200]);
  expect(await stored()).toBe(6);
});

test('what is remembered doesn’t grow: the channel that was read longest ago is forgotten', async () => {
  const accounts = [account, await one.account(), await one.account()];
  const known = createKnownChannels(poolOfOther, 2);
  const ids = accounts.map(({ accountId, channelId }) => ({ accountId, id: channelId }));
  for (const id of ids) await known.read(id);
  expect(ids.map((id) => known.recall(id)?.id)).toEqual([undefined, ids[1]?.id, ids[2]?.id]);
  await expect(known.read({ ...required(ids[1]), accountId: uuid() })).rejects.toMatchObject({ code: 'not-found' });
});
