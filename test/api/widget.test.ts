/** The web chat from the first word to a person's answer, and what its process serves. */
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { required } from '../support/required.ts';
import { createConversationApi, type Line, type Page } from './conversation-api.ts';
import { openEvents } from './event-source.ts';
import { shown, withVisitors } from './widget-visitors.ts';

const visitors = withVisitors();
const { chat, session, write, history, follow } = visitors;

test('a visitor writes, the bot answers, an agent takes over: both sides read the same', async () => {
  const account = await chat();
  const begun = await session(account);
  expect(begun).toMatchObject({
    status: 201,
    body: { cursor: 0, title: 'Ask us', appearance: { title: 'Ask us' }, visitorId: expect.any(String) as string },
  });
  const { token } = begun.body;
  const client = await follow(token);
  expect(await write(account, token, 'hello')).toMatchObject({ status: 200, body: { place: 1 } });
  await client.until(() => shown(client).length === 2);
  await write(account, token, 'human');
  const [conversation] = (await visitors.api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
  const id = required(conversation).id;
  const [agent = ''] = account.tokens;
  expect((await visitors.api.act(agent, id, 'join')).status).toBe(200);
  await visitors.api.act(agent, id, 'reply', { text: '<b>Good</b> morning' });
  await visitors.api.actors.settle(account.accountId);
  await client.until(() => shown(client).length === 5);
  expect(shown(client)).toEqual(['hello', 'echo: hello', 'human', 'notice: assigned', '<b>Good</b> morning']);
  expect(client.seen.at(-1)).toMatchObject({
    id: '5',
    event: 'message',
    data: { place: 5, author: { kind: 'agent', name: 'Agent 1' } },
  });
  const { items: messages, cursor } = await history(token);
  expect(messages.map(({ content }) => content.text)).toEqual(shown(client));
  expect(cursor).toBe(5);
  expect((await history(token, 3)).items).toHaveLength(2);
  expect(await history(token, 5)).toEqual({ items: [], cursor: 5, readUpTo: null });
  const { items } = await visitors.api.read<Page<Line>>(agent, `/v1/conversations/${id}/messages?show=messages`);
  expect(items.map(({ content }) => content?.text)).toEqual(shown(client));
});

test('the script is sent in less than 5 KB, to whom takes it zipped, and is the same to whom does not', async () => {
  const sent = await visitors.api.app.inject({
    url: '/widget.js',
    headers: { 'accept-encoding': 'gzip, deflate, br' },
  });
  expect(sent.headers).toMatchObject({
    'content-encoding': 'gzip',
    vary: expect.stringMatching(/accept-encoding/i) as string,
  });
  expect(sent.rawPayload.length).toBeLessThan(5 * 1024);
  const plain = await visitors.api.app.inject({ url: '/widget.js' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(gunzipSync(sent.rawPayload)).toEqual(plain.rawPayload);
});

test('the script and its demo page are served, with a policy that lets nothing else in', async () => {
  for (const [path, type] of [
    ['/widget.js', 'text/javascript'],
    ['/demo', 'text/html'],
    ['/demo.js', 'text/javascript'],
  ] as const) {
    const answer = await visitors.api.call(null, 'GET', path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain(type);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(answer.text.length).toBeGreaterThan(100);
  }
});

test('the process drains: streams end, and nobody is kept from coming back', async () => {
  const draining = await createConversationApi();
  const account = await draining.ready({ channelType: 'webchat' });
  const { accountId, channelId } = account;
  const { token } = (await draining.call(null, 'POST', '/v1/widget/sessions', { accountId, channelId })).body;
  const address = await draining.app.listen({ port: 0 });
  const clients = await Promise.all([
    openEvents(`${address}/v1/widget/events`, { authorization: `Bearer ${token}` }),
    openEvents(`${address}/v1/feed`, { authorization: `Bearer ${account.key}` }),
  ]);
  for (const client of clients) await client.until((seen) => seen.length > 0);
  await draining.close();
  await expect(Promise.all(clients.map((client) => client.ended))).resolves.toHaveLength(2);
});
