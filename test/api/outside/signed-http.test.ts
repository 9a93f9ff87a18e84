/** Any backend as a channel: webhooks in, signed calls out, receipts back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postSigned } from '../../../dev/demo/signed-post.ts';
import { required } from '../../support/required.ts';
import { until } from '../../support/until.ts';
import { startOutside, type Connected, type Outside } from './outside.ts';

let outside: Outside;
beforeAll(async () => {
  outside = await startOutside();
});
afterAll(() => outside.close());

async function connect(options: Parameters<Outside['connect']>[0] = {}): Promise<Connected> {
  const account = await outside.connect(options);
  account.bot.script(({ event }) => ({
    messages: event.type === 'messages' ? event.messages.map(({ content }) => ({ text: `echo: ${content.text}` })) : [],
  }));
  return account;
}

test('R6: a webhook that is sent ten times has one effect', async () => {
  const account = await connect();
  const { channel } = account;
  const item = {
    type: 'message.received',
    data: { id: 'm1', thread: 'ten', contact: { id: 'c' }, content: { text: 'hello' } },
  };
  const answers = await Promise.all(Array.from({ length: 10 }, () => channel.webhook(item, 'one-webhook')));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  await channel.say({ thread: 'ten', text: 'and now' });
  await channel.books.until((books) => books.texts('ten').join().includes('and now'), 30_000);
  const said = (await account.lines('ten')).filter(({ author }) => author.kind === 'customer');
  expect(said.map(({ content }) => content?.text)).toEqual(['hello', 'and now']);
});

test('R20: a webhook that another channel’s secret signed is refused, and leaves nothing', async () => {
  const [one, other] = [await connect(), await connect()];
  const data = { id: 'x', thread: 'forged', contact: { id: 'c' }, content: { text: 'x' } };
  const address = `${outside.url}/v1/webhooks/${one.accountId}/${one.channelId}`;
  const answer = await postSigned(address, other.channel.secret, { type: 'message.received', data });
  expect(answer.status).toBe(401);
  await one.channel.say({ thread: 'honest', text: 'hello' });
  await one.hears('honest', 'echo: hello');
  expect(one.channel.books.texts('forged')).toEqual([]);
});

test('what is delivered and read is told by receipts, and shows in the transcript', async () => {
  const account = await connect({ channel: { receipts: ['delivered', 'read'] } });
  const { channel } = account;
  await channel.say({ thread: 'receipts', text: 'hello' });
  await account.hears('receipts', 'echo: hello');
  const status = async (): Promise<string | undefined> =>
    (await account.lines('receipts')).find(({ author }) => author.kind === 'bot')?.delivery?.status;
  await until(async () => (await status()) === 'read');
  const [delivery] = channel.books.byThread('receipts');
  await channel.receipt(required(delivery), 'delivered');
  // Nothing that is shown goes back.
  expect(await status()).toBe('read');
});

test('R8: a message that the backend took without answering is sent again under its key, and taken once', async () => {
  const account = await connect();
  const { channel } = account;
  channel.next('accept-and-drop', { status: 503, headers: { 'retry-after': '1' } });
  await channel.say({ thread: 'again', text: 'hello' });
  await channel.books.until((books) => books.attempts.length >= 3, 30_000);
  await account.hears('again', 'echo: hello');
  expect(channel.books.duplicates()).toEqual([]);
  const [key] = new Set(channel.books.attempts.map((attempt) => attempt.key));
  expect(channel.books.attempts.map((attempt) => attempt.key)).toEqual(channel.books.attempts.map(() => key));
  await until(async () => (await account.lines('again')).at(-1)?.delivery?.status === 'sent');
});

test('a closed window holds what an agent writes, says so, and lets it out when the customer writes', async () => {
  const account = await connect({
    policy: { numbers: { intake: { by: 'none' } } },
    channelSettings: { windowHours: 24 },
  });
  const { channel } = account;
  account.bot.script(({ event }) => ({
    messages: [],
    handover: event.type === 'messages' ? { reason: 'help' } : null,
  }));
  await channel.say({ thread: 'window', text: 'a person, please' });
  await account.shows('window', ({ state }) => state === 'queued');
  await account.act('window', 'join');
  await account.hears('window', 'notice: assigned');
  channel.next({ status: 400, body: { class: 'window-closed' } });
  await account.act('window', 'reply', { text: 'are you there?' });
  await account.shows('window', ({ windowClosedAt }) => windowClosedAt !== null);
  await account.act('window', 'reply', { text: 'I have found it' });
  const held = (await account.lines('window')).slice(-2);
  expect(held.map(({ delivery }) => delivery)).toMatchObject([
    { status: 'failed', class: 'window-closed', waitsFor: null },
    { status: 'pending', class: null, waitsFor: 'customer' },
  ]);
  await channel.say({ thread: 'window', text: 'sorry, I was away' });
  await account.hears('window', 'notice: assigned', 'I have found it');
  expect(await account.shows('window', () => true)).toMatchObject({ windowClosedAt: null });
  expect((await account.lines('window')).find(({ content }) => content?.text === 'I have found it')).toMatchObject({
    delivery: { status: 'sent', waitsFor: null },
  });
});
