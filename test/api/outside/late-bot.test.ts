/** A bot that answers later, and one that speaks the live-chat dialect. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { required } from '../../support/required.ts';
import { startOutside, type Outside } from './outside.ts';

let outside: Outside;
beforeAll(async () => {
  outside = await startOutside();
});
afterAll(() => outside.close());

test('after a 202 the answer comes by a call with the turn’s token, once; a later one is told that it is late', async () => {
  const account = await outside.connect();
  const { channel, bot } = account;
  bot.script(() => 'defer');
  await channel.say({ thread: 'later', text: 'hello' });
  await bot.until((tries) => tries.length === 1, 30_000);
  const turn = required(bot.turns()[0]);
  // What comes meanwhile is the next turn.
  await channel.say({ thread: 'later', text: 'and this' });
  expect(await bot.later({ reply: { ...turn.reply, token: 'made-up' } }, { messages: [] })).toMatchObject({
    status: 401,
  });
  expect((await bot.later(turn, { messages: [{ text: 'first' }] })).status).toBeLessThan(300);
  await account.hears('later', 'first');
  await bot.later(turn, { messages: [{ text: 'once more' }] });
  await bot.until(() => bot.turns().length === 2, 30_000);
  expect((await bot.later(required(bot.turns()[1]), { messages: [{ text: 'second' }] })).status).toBeLessThan(300);
  await account.hears('later', 'first', 'second');
});

test('an answer that comes after the end of the session is taken, and nothing is said', async () => {
  const account = await outside.connect({ policy: { numbers: { lock: { sessionMs: 1_000 } } } });
  const { channel, bot } = account;
  bot.script(() => 'defer');
  await channel.say({ thread: 'over', text: 'hello' });
  await bot.until((tries) => tries.length === 1, 30_000);
  const turn = required(bot.turns()[0]);
  await account.sees('over', 'SessionEnded');
  expect(await bot.later(turn, { messages: [{ text: 'too late' }] })).toMatchObject({ status: 200 });
  await account.sees('over', 'InputDiscarded');
  expect(channel.books.texts('over')).toEqual([]);
});

test('S3-1, S3-2, S3-4: `livechat: true` with its facts hands over after a prechat dialogue that knows who is there', async () => {
  const account = await outside.connect();
  const { channel, bot } = account;
  bot.script(({ event, intake }) => {
    if (event.type === 'prechat') return { messages: [{ text: `${event.agentStatus}, your name?` }] };
    if (intake) return { messages: [], intake: { status: 'done', answers: [{ name: 'name', value: 'Carla' }] } };
    return {
      messages: [{ text: 'I pass you on' }],
      livechat: true,
      skill: 'refunds',
      mscWebstore: 'shop-de',
      mscChannel: 'web',
    };
  });
  await channel.say({ thread: 'livechat', text: 'help' });
  await account.hears('livechat', 'I pass you on', 'online, your name?');
  await channel.say({ thread: 'livechat', text: 'Carla' });
  const { handover } = await account.shows('livechat', ({ state }) => state === 'queued');
  expect(handover).toMatchObject({
    skill: 'refunds',
    webstore: 'shop-de',
    agentStatus: 'online',
    intake: [{ name: 'name', label: null, value: 'Carla' }],
  });
  expect((await account.act('livechat', 'join')).status).toBe(200);
  await channel.say({ thread: 'livechat', text: 'are you there?' });
  expect((await account.act('livechat', 'reply', { text: 'Yes' })).status).toBe(200);
  await channel.books.until((books) => books.texts('livechat').at(-1) === 'Yes', 30_000);
  expect((await account.act('livechat', 'resolve')).status).toBe(200);
  // S3-5, S3-7: resolved or not, the bot gets nothing for the rest of the session.
  await channel.say({ thread: 'livechat', text: 'thanks' });
  await account.shows('livechat', ({ state }) => state === 'assigned');
  expect(bot.turns()).toHaveLength(3);
});
