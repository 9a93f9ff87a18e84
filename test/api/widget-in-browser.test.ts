/** The script that sites embed, run in a browser's DOM against the real API. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Cuttable, cuttableWayTo } from '../support/cuttable.ts';
import { required } from '../support/required.ts';
import { type Chat, createVisitor, shop, type Visitor } from './browser.ts';
import { type Account, type ConversationApi, createConversationApi, type Page } from './conversation-api.ts';
import { openEvents } from './event-source.ts';

let api: ConversationApi;
let way: Cuttable;
let account: Account;
let visitor: Visitor;
let url: string;

beforeAll(async () => {
  api = await createConversationApi();
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
  way = await cuttableWayTo('127.0.0.1', Number(new URL(url).port));
});
afterEach(() => visitor.leave());
afterAll(async () => {
  await way.cut();
  await api.close();
});

async function arrive(settings: object = {}): Promise<Chat> {
  account = await api.ready({ channelType: 'webchat', channelSettings: { allowedOrigins: [shop], ...settings } });
  visitor = createVisitor(`http://127.0.0.1:${way.port}`, account);
  return visitor.visit();
}

/** The script's words reach the API by themselves; its actors move when they are told. */
async function heard(chat: Chat, ...lines: string[]): Promise<void> {
  await chat.shows(async () => {
    await api.actors.settle(account.accountId);
    return chat.lines().length >= lines.length;
  });
  expect(chat.lines()).toEqual(lines);
}

async function joined(chat: Chat): Promise<{ id: string; agent: string }> {
  chat.say('human');
  let id = '';
  await chat.shows(async () => {
    await api.actors.settle(account.accountId);
    id = (await api.read<Page<{ id: string }>>(account.key, '/v1/conversations?state=queued')).items[0]?.id ?? '';
    return id !== '';
  });
  const agent = required(account.tokens[0]);
  expect((await api.act(agent, id, 'join')).status).toBe(200);
  return { id, agent };
}

const answer = async ({ id, agent }: { id: string; agent: string }, text: string): Promise<void> => {
  expect((await api.act(agent, id, 'reply', { text })).status).toBe(200);
  await api.actors.settle(account.accountId);
};

test('greets, begins a session when it is opened, sends, and shows what the bot answers', async () => {
  const chat = await arrive({ title: 'Ask us', greeting: 'Hello there' });
  expect(chat.launcher()).toBe('Chat');
  expect(visitor.kept()).not.toContain('vt_');
  chat.press('.launcher');
  await heard(chat, 'bot: Hello there');
  expect(chat.launcher()).toBe('Ask us');
  chat.say('where is my order');
  await heard(chat, 'bot: Hello there', 'mine: where is my order', 'bot: Bot | echo: where is my order');
});

test('the visitor’s own words stand in the colours of the site, the others’ on grey', async () => {
  const chat = await arrive({ greeting: 'Hello', colours: { accent: '#123456', onAccent: '#fedcba' } });
  chat.press('.launcher');
  await heard(chat, 'bot: Hello');
  chat.say('hi');
  await heard(chat, 'bot: Hello', 'mine: hi', 'bot: Bot | echo: hi');
  expect(chat.drawn('.mine')).toEqual({ color: '#fedcba', background: '#123456' });
  expect(chat.drawn('.bot').background).toBe('#f0f0f0');
});

test('R29: what anybody writes stays text, also where it would be markup or a script', async () => {
  const evil = '<img src=x onerror="hacked = 1"><script>hacked = 2</script>';
  const chat = await arrive({ title: evil, greeting: evil });
  chat.press('.launcher');
  await heard(chat, `bot: ${evil}`);
  chat.say(evil);
  await heard(chat, `bot: ${evil}`, `mine: ${evil}`, `bot: Bot | echo: ${evil}`);
  await chat.shows(() => chat.launcher() === evil);
  expect(chat.count('img, script')).toBe(0);
  expect(chat.global('hacked')).toBeUndefined();
});

test('the stream breaks while both sides write: nothing is missing after, and nothing stands there twice', async () => {
  const chat = await arrive();
  chat.press('.launcher');
  const held = await joined(chat);
  await heard(chat, 'mine: human', 'engine: notice: assigned');
  await way.cut();
  await answer(held, 'one');
  await answer(held, 'two');
  chat.say('are you there?');
  await chat.shows(() => chat.status() === 'Connecting…');
  await way.mend();
  await heard(
    chat,
    'mine: human',
    'engine: notice: assigned',
    'mine: are you there?',
    'agent: Agent 1 | one',
    'agent: Agent 1 | two',
  );
  await answer(held, 'three');
  await chat.shows(() => chat.lines().at(-1) === 'agent: Agent 1 | three');
  expect(chat.lines()).toHaveLength(6);
  const arrived = async (): Promise<number> => {
    await api.actors.settle(account.accountId);
    const path = `/v1/conversations/${held.id}/messages?show=messages`;
    const { items } = await api.read<Page<{ content: { text: string } | null }>>(account.key, path);
    return items.filter(({ content }) => content?.text === 'are you there?').length;
  };
  await chat.shows(async () => (await arrived()) > 0);
  expect(await arrived()).toBe(1);
});

test('a reload keeps the session, and what was not sent yet goes after it, once', async () => {
  const chat = await arrive();
  chat.press('.launcher');
  chat.say('before');
  await heard(chat, 'mine: before', 'bot: Bot | echo: before');
  const token = /vt_[\w-]+/.exec(visitor.kept())?.[0];
  await way.cut();
  chat.say('not yet');
  await visitor.leave();
  await way.mend();
  const again = await visitor.visit();
  await heard(again, 'mine: before', 'bot: Bot | echo: before', 'mine: not yet', 'bot: Bot | echo: not yet');
  expect(/vt_[\w-]+/.exec(visitor.kept())?.[0]).toBe(token);
  const { items } = await api.read<Page<object>>(account.key, '/v1/conversations');
  expect(items).toHaveLength(1);
});

test('opened, it stands at its newest line, also where all came while it was closed', async () => {
  const chat = await arrive();
  chat.press('.launcher');
  chat.say('hello');
  await heard(chat, 'mine: hello', 'bot: Bot | echo: hello');
  expect(chat.isAtEnd()).toBe(true);
  const again = await visitor.visit();
  await heard(again, 'mine: hello', 'bot: Bot | echo: hello');
  expect(again.isAtEnd()).toBe(false);
  again.press('.launcher');
  expect(again.isAtEnd()).toBe(true);
});

test('who writes at the other side is shown, and so is to them that the visitor writes, and has read', async () => {
  const chat = await arrive();
  chat.press('.launcher');
  const { id, agent } = await joined(chat);
  await heard(chat, 'mine: human', 'engine: notice: assigned');
  const feed = await openEvents<{ from?: string }>(`${url}/v1/feed`, { authorization: `Bearer ${agent}` });
  try {
    expect((await api.call(agent, 'POST', `/v1/conversations/${id}/typing`, { on: true })).status).toBe(204);
    await chat.shows(() => chat.status() === 'Writing…');
    await answer({ id, agent }, 'Good morning');
    await chat.shows(() => chat.lines().length === 3 && chat.status() === '');
    // Told every few seconds at most; a message that was sent meanwhile makes it news again.
    chat.type('Goo');
    await feed.until((seen) => seen.some(({ event, data }) => event === 'typing' && data.from === 'visitor'));
  } finally {
    feed.close();
  }
  const statusOf = async (): Promise<string | undefined> => {
    const path = `/v1/conversations/${id}/messages?show=messages`;
    const { items } = await api.read<Page<{ delivery: { status: string } | null }>>(agent, path);
    return items.at(-1)?.delivery?.status;
  };
  await chat.shows(async () => (await statusOf()) === 'read');
});

test('under the visitor’s own words stands that they were delivered, and that they were read', async () => {
  const chat = await arrive();
  chat.press('.launcher');
  const { id, agent } = await joined(chat);
  await chat.shows(() => chat.receipts().join() === 'human: Delivered');
  chat.say('one');
  chat.say('two');
  await chat.shows(() => chat.receipts().join() === 'two: Delivered');
  const path = `/v1/conversations/${id}/messages?show=messages`;
  await api.actors.settle(account.accountId);
  const { items } = await api.read<Page<{ id: string; content: { text: string } | null }>>(agent, path);
  const idOf = (words: string) => items.find(({ content }) => content?.text === words)?.id;
  const read = (words: string) => api.call(agent, 'POST', `/v1/conversations/${id}/read`, { messageId: idOf(words) });
  expect((await read('one')).status).toBe(204);
  await chat.shows(() => chat.receipts().join() === 'one: Read,two: Delivered');
  const again = await visitor.visit();
  await again.shows(() => again.receipts().join() === 'one: Read,two: Delivered');
  expect((await read('two')).status).toBe(204);
  await again.shows(() => again.receipts().join() === 'two: Read');
});

test('where the channel is off the visitor is told, and once it is on again the chat begins by itself', async () => {
  const chat = await arrive({ greeting: 'Hello there' });
  const turn = (enabled: boolean) => api.call(account.key, 'PATCH', `/v1/channels/${account.channelId}`, { enabled });
  expect((await turn(false)).status).toBe(200);
  chat.press('.launcher');
  await chat.shows(() => chat.status() === 'Not available right now');
  expect((await turn(true)).status).toBe(200);
  await heard(chat, 'bot: Hello there');
  // The greeting may come with the history already; the chat calls itself available once its stream is open.
  await chat.shows(() => chat.status() === '');
});

test('words that the server refuses for ever are said not to be sent', async () => {
  const chat = await arrive();
  chat.press('.launcher');
  chat.say('hello');
  await heard(chat, 'mine: hello', 'bot: Bot | echo: hello');
  expect((await api.call(account.key, 'DELETE', `/v1/channels/${account.channelId}`)).status).toBe(204);
  chat.say('too late');
  await chat.shows(() => chat.receipts().includes('too late: Not sent'));
  expect(chat.lines().at(-1)).toBe('mine: too late');
});

test('S3-6: a visitor can stop waiting while a person is awaited, and only then', async () => {
  const chat = await arrive();
  const canStop = () => chat.visible('header button[title]') === 1;
  chat.press('.launcher');
  chat.say('hello');
  await heard(chat, 'mine: hello', 'bot: Bot | echo: hello');
  expect(canStop()).toBe(false);
  chat.say('human');
  await chat.shows(async () => {
    await api.actors.settle(account.accountId);
    return canStop();
  });
  chat.press('header button[title]');
  await chat.shows(async () => {
    await api.actors.settle(account.accountId);
    return !canStop();
  });
  const { items } = await api.read<Page<{ state: string }>>(account.key, '/v1/conversations');
  expect(items).toMatchObject([{ state: 'bot' }]);
});

test('closed, it counts what was not read; opened, that is read', async () => {
  const chat = await arrive();
  chat.press('.launcher');
  const held = await joined(chat);
  await heard(chat, 'mine: human', 'engine: notice: assigned');
  await chat.shows(() => /seen\W+[1-9]/.test(visitor.kept()));
  chat.press('button[aria-label="Close the chat"]');
  await answer(held, 'one');
  await answer(held, 'two');
  await chat.shows(() => chat.launcher() === 'Chat with us (2)');
  expect(chat.lines().slice(-2)).toEqual(['agent: Agent 1 | one', 'agent: Agent 1 | two']);
  chat.press('.launcher');
  await chat.shows(() => chat.launcher() === 'Chat with us');
});

test('a button that is pressed says its words, with what stands behind them, and the choice is gone', async () => {
  api.actors.bot = ({ event }) => ({
    messages: [
      event.type === 'messages' && event.messages.at(-1)?.content.payload === 'yes'
        ? { text: 'Done' }
        : { text: 'Sure?', buttons: [{ title: 'Yes', payload: 'yes' }] },
    ],
    handover: null,
    intake: null,
  });
  const chat = await arrive();
  chat.press('.launcher');
  chat.say('cancel my order');
  await heard(chat, 'mine: cancel my order', 'bot: Bot | Sure?');
  chat.press('.choices button');
  await heard(chat, 'mine: cancel my order', 'bot: Bot | Sure?', 'mine: Yes', 'bot: Bot | Done');
  expect(chat.count('.choices')).toBe(0);
});
