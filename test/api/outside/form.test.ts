/** The account's own form, asked by the engine before a hand-over. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOutside, type Connected, type Outside } from './outside.ts';

let outside: Outside;
beforeAll(async () => {
  outside = await startOutside();
});
afterAll(() => outside.close());

const form = [
  { name: 'email', label: 'E-mail', question: 'Which address can we write to?', type: 'email' },
  {
    name: 'kind',
    question: 'Is it an order or an invoice?',
    type: 'choice',
    options: ['order', 'invoice'],
    cancelWords: ['never mind'],
  },
];

async function connect(): Promise<Connected> {
  const account = await outside.connect({ policy: { numbers: { intake: { by: 'form', maxTries: 2 } }, form } });
  account.bot.script(({ event }) => {
    const text = event.type === 'messages' ? event.messages.at(-1)?.content.text : event.type;
    return text === 'human'
      ? { messages: [], handover: { reason: 'asked' } }
      : { messages: [{ text: `bot: ${text}` }] };
  });
  return account;
}

const questions = form.map(({ question }) => question);

test('S3-3: a wrong answer is asked for again, right ones stand with the hand-over, and the conversation is queued', async () => {
  const account = await connect();
  const { channel, bot } = account;
  await channel.say({ thread: 'form', text: 'human' });
  await account.hears('form', questions[0] ?? '');
  await channel.say({ thread: 'form', text: 'at home' });
  await channel.books.until((books) => books.texts('form').length >= 2, 30_000);
  expect(channel.books.texts('form').slice(1).join(' ')).toContain('form-retry');
  await channel.say({ thread: 'form', text: 'carla@example.com' });
  await channel.books.until((books) => books.texts('form').includes(questions[1] ?? ''), 30_000);
  await channel.say({ thread: 'form', text: 'invoice' });
  const shown = await account.shows('form', ({ state }) => state === 'queued');
  expect(shown.handover?.intake).toEqual([
    { name: 'email', label: 'E-mail', value: 'carla@example.com' },
    { name: 'kind', label: questions[1], value: 'invoice' },
  ]);
  // The answers are the engine's business: the bot asked for a person, and has heard nothing since.
  expect(bot.turns()).toHaveLength(1);
});

test('S3-6: too many wrong answers, or the customer’s word to give up: back with the bot, who goes on', async () => {
  const account = await connect();
  const { channel } = account;
  await channel.say({ thread: 'wrong', text: 'human' });
  await account.shows('wrong', ({ state }) => state === 'prechat');
  await channel.say({ thread: 'wrong', text: 'no' });
  await channel.say({ thread: 'wrong', text: 'still no' });
  await account.shows('wrong', ({ state }) => state === 'bot');
  await channel.say({ thread: 'wrong', text: 'hello again' });
  await channel.books.until((books) => books.texts('wrong').includes('bot: hello again'), 30_000);

  await channel.say({ thread: 'gives up', text: 'human' });
  await account.shows('gives up', ({ state }) => state === 'prechat');
  await channel.say({ thread: 'gives up', text: 'carla@example.com' });
  await channel.books.until((books) => books.texts('gives up').includes(questions[1] ?? ''), 30_000);
  await channel.say({ thread: 'gives up', text: 'never mind' });
  await account.shows('gives up', ({ state }) => state === 'bot');
  await channel.say({ thread: 'gives up', text: 'and now?' });
  await channel.books.until((books) => books.texts('gives up').includes('bot: and now?'), 30_000);
  expect((await account.lines('gives up')).at(-1)?.content?.text).toBe('bot: and now?');
});
