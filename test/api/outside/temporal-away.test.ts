/** The installed processes while Temporal is away: what is accepted is kept, and what isn't says so at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiClient } from '../../../dev/api-client.ts';
import { install, type Installation } from '../../support/installation.ts';
import { type InstalledAccount, openAccountOf } from '../../support/installed-account.ts';
import { expectInOrder, expectInvariants } from '../../support/invariants.ts';
import { required } from '../../support/required.ts';
import { insistent } from '../../support/insistent.ts';
import { until } from '../../support/until.ts';

let installation: Installation;
let account: InstalledAccount;
beforeAll(async () => {
  installation = await install();
  account = await openAccountOf(installation, {
    script: ({ event }) => {
      const texts = event.type === 'messages' ? event.messages.map(({ content }) => content.text ?? '') : [];
      return { messages: texts.map((text) => ({ text: `echo: ${text}` })) };
    },
  });
}, 120_000);
afterAll(async () => {
  await account.close();
  await installation.stop();
});

const readiness = async (): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${installation.url}/readyz`);
  return { status: response.status, body: await response.json() };
};
const healthy = { status: 200, body: { ready: true, reasons: {}, degraded: {} } };

test('R2: webhooks are taken while Temporal is away, an action is told to come again, and all is done when it is back', async () => {
  const { channel } = account;
  await channel.say({ thread: 'away', text: 'before' });
  await channel.books.until((books) => books.texts('away').length === 1, 60_000);
  expect(await readiness()).toEqual(healthy);

  await installation.stopTemporal();
  expect(await readiness()).toEqual({
    status: 200,
    body: { ready: true, reasons: {}, degraded: { temporal: 'away' } },
  });
  const answers = await Promise.all(
    [1, 2, 3].flatMap((no) => ['away', 'new'].map((thread) => channel.say({ thread, text: `meanwhile ${no}` }))),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const id = required((await account.conversations()).get('away'));
  const vip = await createApiClient(installation.url, account.key).post<{ id: string }>('/v1/tags', { name: 'vip' });
  const tag = (key: string, headers = {}): Promise<Response> =>
    fetch(`${installation.url}/v1/conversations/${id}/actions/tag`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${account.key}`,
        'content-type': 'application/json',
        'idempotency-key': key,
        ...headers,
      },
      body: JSON.stringify({ add: [vip.id] }),
    });
  const waited = await tag('waits');
  expect({ status: waited.status, body: await waited.json() }).toMatchObject({
    status: 504,
    body: { code: 'unanswered' },
  });
  const left = await tag('leaves', { prefer: 'respond-async' });
  expect({ status: left.status, body: await left.json() }).toMatchObject({
    status: 503,
    body: { code: 'unavailable' },
  });
  expect(left.headers.get('retry-after')).not.toBeNull();

  await installation.resumeTemporal();
  await until(async () => JSON.stringify(await readiness()) === JSON.stringify(healthy));
  for (const key of ['waits', 'leaves'])
    await insistent(
      () => tag(key),
      ({ status }) => status === 200,
    );
  await channel.books.until((books) => books.texts('away').length === 4 && books.texts('new').length === 3, 60_000);
  expect(channel.books.duplicates()).toEqual([]);
  for (const [thread, written] of [
    ['away', 4],
    ['new', 3],
  ] as const) {
    const conversationId = required((await account.conversations()).get(thread));
    const actor = { accountId: account.accountId, conversationId };
    const events = await expectInvariants(account.pool, actor);
    expectInOrder(events, written);
    expect(events.filter(({ type }) => type === 'TagsChanged')).toHaveLength(thread === 'away' ? 1 : 0);
  }
}, 150_000);
