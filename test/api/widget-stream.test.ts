/** A visitor's stream resumes with no gap and no repeat, and ends with the right to it. */
import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { type Account } from './conversation-api.ts';
import { openEvents } from './event-source.ts';
import { shown, withVisitors } from './widget-visitors.ts';

const visitors = withVisitors();
const { chat, tokenOf, write, history, follow } = visitors;

describe('the stream', () => {
  test('begins with the first message, though there was no conversation when it was opened', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const [early, another] = [await follow(token), await follow(token)];
    await write(account, token, 'first');
    for (const client of [early, another]) {
      await client.until(() => shown(client).length === 2);
      expect(client.seen.slice(1).map(({ id }) => id)).toEqual(['1', '2']);
    }
  });

  test('resumes with no gap and no repeat, while both sides write', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const client = await follow(token);
    let writing = true;
    const done = (async () => {
      for (let no = 0; no < 12; no += 1) {
        await Promise.all(['a', 'b'].map((letter) => write(account, token, `${no}${letter}`)));
      }
    })().finally(() => (writing = false));
    let connections = 0;
    while (writing) {
      const before = client.seen.length;
      await Promise.race([done, client.until((seen) => seen.length > before)]);
      await client.resume();
      connections += 1;
    }
    await done;
    const whole = await history(token);
    await client.until(() => shown(client).length >= whole.items.length);
    expect(connections).toBeGreaterThan(3);
    const messages = client.seen.filter(({ event }) => event === 'message');
    expect(messages.map(({ id }) => Number(id))).toEqual(whole.items.map(({ place }) => place));
    expect(messages.map(({ data }) => data)).toEqual(whole.items);
    expect(whole.items.map(({ place }) => place)).toEqual(whole.items.map((_, index) => index + 1));
    expect(whole.items.filter(({ author }) => author.kind === 'customer')).toHaveLength(24);
  });

  test('is the visitor’s own, and nobody else’s', async () => {
    const account = await chat();
    const [mine, yours] = [await tokenOf(account), await tokenOf(account)];
    const client = await follow(yours);
    await write(account, mine, 'mine');
    await write(account, yours, 'yours');
    await client.until(() => shown(client).length === 2);
    expect(shown(client)).toEqual(['yours', 'echo: yours']);
    expect((await history(mine)).items.map(({ content }) => content.text)).toEqual(['mine', 'echo: mine']);
  });

  test('begins anew with a place that it hasn’t reached, which would hide what comes until it does', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const early = await follow(token, '7');
    await write(account, token, 'one');
    await early.until(() => shown(early).length === 2);
    const late = await follow(token, '99');
    await write(account, token, 'two');
    await late.until(() => shown(late).length === 4);
    expect(late.seen[0]).toMatchObject({ event: 'ready', id: '0' });
    expect(shown(late)).toEqual(['one', 'echo: one', 'two', 'echo: two']);
    const { items, cursor } = await history(token, 99);
    expect(items).toHaveLength(4);
    expect((await history(token, cursor)).items).toEqual([]);
  });

  test('with a place that is none: a 400; without a token: a 401, as problems', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const get = (headers: Record<string, string>, bearer: string | null = token) =>
      visitors.api.call(bearer, 'GET', '/v1/widget/events', undefined, headers);
    expect(await get({ 'last-event-id': 'x' })).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    expect((await visitors.api.call(token, 'HEAD', '/v1/widget/events')).status).toBe(404);
    for (const bearer of [null, 'vt_unknown', `vt_${'x'.repeat(43)}`, account.key]) {
      expect(await get({}, bearer)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    }
  });
});

describe('a stream that has begun', () => {
  const ends: [string, (account: Account) => Promise<unknown>][] = [
    ['its channel is switched off', (of) => visitors.api.call(of.key, 'DELETE', `/v1/channels/${of.channelId}`)],
    [
      'the page’s origin is allowed no more',
      ({ key, channelId }) =>
        visitors.api.call(key, 'PATCH', `/v1/channels/${channelId}`, {
          settings: { allowedOrigins: ['https://other.example'] },
        }),
    ],
    [
      'its session is gone',
      (of) => visitors.api.rows(of.accountId, 'DELETE FROM visitor_sessions WHERE account_id = $1'),
    ],
    [
      'its session’s time is over',
      (of) => visitors.api.rows(of.accountId, 'UPDATE visitor_sessions SET expires_at = now() WHERE account_id = $1'),
    ],
  ];
  test.concurrent.each(ends)('ends when %s, be it ever so busy', async (_when, end) => {
    const account = await chat();
    const client = await openEvents(`${visitors.url}/v1/widget/events`, {
      authorization: `Bearer ${await tokenOf(account)}`,
      origin: 'https://shop.example',
    });
    await client.until((seen) => seen.length > 0);
    await end(account);
    let ended = false;
    void client.ended.then(() => (ended = true));
    await until(async () => {
      await visitors.api.rows(
        account.accountId,
        `SELECT pg_notify('baton_visitor', visitor_topic(channel_id, external_id)::text) FROM visitor_sessions
         WHERE account_id = $1`,
      );
      return ended;
    });
    expect(ended).toBe(true);
  });
});
