/** What a visitor sends takes effect once; what the other side does is told. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { Capabilities } from '../../adapters/contract/capabilities.ts';
import { required } from '../support/required.ts';
import { type Line, type Page } from './conversation-api.ts';
import { openEvents } from './event-source.ts';
import { shown, withVisitors } from './widget-visitors.ts';

const visitors = withVisitors();
const { chat, tokenOf, write, history, follow } = visitors;

describe('a message', () => {
  test('ten times under one id: one effect, the same answer', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const send = (text: string) =>
      visitors.api.call(token, 'POST', '/v1/widget/messages', { clientMessageId: 'c1', text });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('once')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(required(answers[0]).status).toBe(200);
    await visitors.api.actors.settle(account.accountId);
    expect((await send('once')).text).toBe(required(answers[0]).text);
    expect((await history(token)).items.map(({ content }) => content.text)).toEqual(['once', 'echo: once']);
    // Another visitor's ids are their own.
    const other = await tokenOf(account);
    await write(account, other, 'as well', 'c1');
    expect((await history(other)).items).toHaveLength(2);
  });

  test('R24: other words under an id that is taken are 422, and are not stored', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await write(account, token, 'first', 'c1');
    const path = '/v1/widget/messages';
    for (const other of [{ text: 'second' }, { text: 'first', payload: 'p' }]) {
      const answer = await visitors.api.call(token, 'POST', path, { clientMessageId: 'c1', ...other });
      expect(answer).toMatchObject({ status: 422, body: { code: 'client-message-id-reused' } });
    }
    await visitors.api.actors.settle(account.accountId);
    expect((await history(token)).items.map(({ content }) => content.text)).toEqual(['first', 'echo: first']);
  });

  test('B-6: 20 at the same moment from a new visitor: one conversation, in one order for all', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await Promise.all(Array.from({ length: 20 }, (_, no) => write(account, token, `no ${no}`)));
    const { items } = await visitors.api.read<Page<{ id: string }>>(account.key, '/v1/conversations');
    expect(items).toHaveLength(1);
    const said = (await history(token)).items.filter(({ author }) => author.kind === 'customer');
    expect(new Set(said.map(({ content }) => content.text)).size).toBe(20);
    const path = `/v1/conversations/${required(items[0]).id}/messages?show=messages`;
    const transcript = (await visitors.api.read<Page<Line>>(account.key, path)).items;
    const read = transcript.filter(({ author }) => author.kind === 'customer').map(({ content }) => content?.text);
    expect(read).toHaveLength(20);
  });

  test('a pressed button says which; what is empty, too long or unknown is a 400', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const send = (body: object) => visitors.api.call(token, 'POST', '/v1/widget/messages', body);
    expect((await send({ clientMessageId: 'b1', text: 'Yes', payload: 'yes' })).status).toBe(200);
    expect((await history(token)).items[0]).toMatchObject({ content: { text: 'Yes', payload: 'yes' } });
    const path = `/v1/channels/${account.channelId}`;
    const { capabilities } = await visitors.api.read<{ capabilities: Capabilities }>(account.key, path);
    const longest = capabilities.text.maxCharsReceived;
    expect((await send({ clientMessageId: 'long', text: 'x'.repeat(longest) })).status).toBe(200);
    for (const body of [
      {},
      { clientMessageId: '', text: 'x' },
      { clientMessageId: 'x', text: ' ' },
      { clientMessageId: 'x', text: 'x'.repeat(longest + 1) },
      { clientMessageId: 'x', text: 'x', html: 'x' },
    ]) {
      expect(await send(body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    }
  });

  test('read and cancel', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await write(account, token, 'hello');
    await write(account, token, 'human');
    const [conversation] = (
      await visitors.api.read<Page<{ id: string; state: string }>>(account.key, '/v1/conversations')
    ).items;
    const { id } = required(conversation);
    const answer = await visitors.api.call(token, 'POST', '/v1/widget/read', { place: 2 });
    expect(answer).toMatchObject({ status: 204, text: '' });
    const lines = await visitors.api.read<Page<{ delivery: { status: string } | null }>>(
      account.key,
      `/v1/conversations/${id}/messages`,
    );
    expect(lines.items.flatMap(({ delivery }) => delivery?.status ?? [])[0]).toBe('read');
    expect((await visitors.api.call(token, 'POST', '/v1/widget/read', { place: 99 })).status).toBe(204);
    expect((await visitors.api.call(token, 'POST', '/v1/widget/cancel')).status).toBe(204);
    await visitors.api.actors.settle(account.accountId);
    const { body } = await visitors.api.call(account.key, 'GET', `/v1/conversations/${id}`);
    expect(body).toMatchObject({ state: 'bot', lastHandover: { because: 'customer-cancelled' } });
    // Before the first message there is nothing to read, and nobody to be told.
    const silent = await tokenOf(account);
    for (const [path, body_] of [
      ['read', { place: 1 }],
      ['cancel', {}],
      ['typing', { on: true }],
    ] as const) {
      expect((await visitors.api.call(silent, 'POST', `/v1/widget/${path}`, body_)).status).toBe(204);
    }
  });

  test('what the owner has read is told in the stream, once, and stands in the history', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await write(account, token, 'hello');
    await write(account, token, 'human');
    const [conversation] = (await visitors.api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
    const { id } = required(conversation);
    const [agent = '', other = ''] = account.tokens;
    await visitors.api.act(agent, id, 'join');
    const own = (await history(token)).items
      .filter(({ author }) => author.kind === 'customer')
      .map(({ id: one }) => one);
    expect((await history(token)).readUpTo).toBeNull();
    const stream = await follow(token);
    const read = (by: string, messageId: string) =>
      visitors.api.call(by, 'POST', `/v1/conversations/${id}/read`, { messageId });
    expect(await read(other, required(own[1]))).toMatchObject({ status: 409, body: { code: 'not-the-owner' } });
    expect(await read(agent, uuid())).toMatchObject({ status: 404, body: { code: 'not-found' } });
    // Again, and of an earlier one: nothing new. Of the notice after it, the visitor's own before that.
    for (const messageId of [own[1], own[1], own[0], (await history(token)).items.at(-1)?.id]) {
      expect((await read(agent, required(messageId))).status).toBe(204);
    }
    await write(account, token, 'thanks');
    await stream.until(() => shown(stream).at(-1) === 'thanks');
    const receipts = stream.seen.filter(({ event }) => event === 'receipt');
    expect(receipts).toMatchObject([{ data: { messageId: own[1], status: 'read' } }]);
    expect((await history(token)).readUpTo).toBe(own[1]);
  });

  test('the stream says while a person is awaited, also where nothing is said with it', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    const stream = await follow(token);
    const states = () => stream.seen.flatMap(({ event, data }) => (event === 'state' ? [data] : []));
    await write(account, token, 'hello');
    await write(account, token, 'human');
    await stream.until(() => states().length === 1);
    const [conversation] = (await visitors.api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
    await visitors.api.act(required(account.tokens[0]), required(conversation).id, 'join');
    await stream.until(() => states().length === 2);
    expect(states()).toEqual([{ waiting: true }, { waiting: false }]);
  });

  test('typing is told to the other side, to whoever looks now', async () => {
    const account = await chat();
    const token = await tokenOf(account);
    await write(account, token, 'human');
    const [conversation] = (await visitors.api.read<Page<{ id: string }>>(account.key, '/v1/conversations')).items;
    const { id } = required(conversation);
    const [agent = '', other = ''] = account.tokens;
    await visitors.api.act(agent, id, 'join');
    const feed = await openEvents<{ conversationId: string }>(`${visitors.url}/v1/feed`, {
      authorization: `Bearer ${agent}`,
    });
    onTestFinished(() => feed.close());
    const stream = await follow(token);
    await feed.until((seen) => seen.length > 0);
    expect((await visitors.api.call(token, 'POST', '/v1/widget/typing', { on: true })).status).toBe(204);
    await feed.until((seen) => seen.some(({ event }) => event === 'typing'));
    expect(feed.seen.find(({ event }) => event === 'typing')).toMatchObject({
      id: null,
      data: { conversationId: id, from: 'visitor', on: true },
    });
    const path = `/v1/conversations/${id}/typing`;
    expect(await visitors.api.call(other, 'POST', path, { on: true })).toMatchObject({
      status: 409,
      body: { code: 'not-the-owner' },
    });
    expect((await visitors.api.call(agent, 'POST', path)).status).toBe(204);
    await stream.until((seen) =>
      seen.some(({ event, data }) => event === 'typing' && (data as { on?: boolean }).on === true),
    );
  });
});
