/** An outside desk, over signed HTTP, from presence to close. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BotTurn } from '../../../adapters/contract/bot.ts';
import { required } from '../../support/required.ts';
import { startOutside, type Connected, type Outside } from './outside.ts';

let outside: Outside;
beforeAll(async () => {
  outside = await startOutside();
});
afterAll(() => outside.close());

const asked = ({ event }: BotTurn): string =>
  event.type === 'messages' ? event.messages.map(({ content }) => content.text).join('|') : event.type;

/** Its bot repeats what was said, and hands over with these facts when somebody writes `human`; two questions before. */
async function connect(history: object | undefined, more: object = {}): Promise<Connected> {
  const account = await outside.connect({ toDesk: true, ...more });
  account.bot.script((turn) => {
    const text = asked(turn);
    if (text === 'human') {
      const data = { order: '4711' };
      const facts = { reason: 'asked', skill: 'billing', priority: 2, data, ...(history && { history }) };
      return { messages: [{ text: 'one moment' }], handover: facts };
    }
    if (turn.event.type === 'prechat') return { messages: [{ text: 'your name?' }] };
    if (turn.intake)
      return { messages: [{ text: 'thanks' }], intake: { status: 'done', answers: [{ name: 'name', value: text }] } };
    return { messages: [{ text: `echo: ${text}` }] };
  });
  return account;
}

async function untilOffered({ desk }: Connected): Promise<ReturnType<typeof desk.offers>[number]> {
  await desk.until(() => desk.offers().length > 0, 30_000);
  return required(desk.offers()[0]);
}

const typesOf = ({ desk }: Connected): string[] => desk.calls.map(({ type }) => type);

test('S0-2, S0-4, S3-2: nothing of the dialog before the transfer; then facts, answers and the whole history, in order, once', async () => {
  const account = await connect({ kind: 'all' });
  const { channel, desk } = account;
  await channel.say({ thread: 'all', text: 'hello', contact: { id: 'all', name: 'Carla' } });
  await account.hears('all', 'echo: hello');
  expect(typesOf(account)).toEqual([]);
  await channel.say({ thread: 'all', text: 'human' });
  await account.hears('all', 'echo: hello', 'one moment', 'your name?');
  // Asking whether somebody is there is allowed, and all that the desk knows of it.
  expect(typesOf(account)).toEqual(['desk.presence.requested']);
  expect(JSON.stringify(desk.calls)).not.toContain('Carla');
  await channel.say({ thread: 'all', text: 'Carla C.' });
  const offer = await untilOffered(account);
  expect(offer).toMatchObject({
    contact: { name: 'Carla' },
    reason: 'asked',
    skill: 'billing',
    priority: 2,
    data: { order: '4711' },
    intake: [{ name: 'name', value: 'Carla C.' }],
  });
  expect(offer.history.map(({ author, content }) => `${author}: ${content.text}`)).toEqual([
    'customer: hello',
    'bot: echo: hello',
    'customer: human',
    'bot: one moment',
    'bot: your name?',
    'customer: Carla C.',
    'bot: thanks',
  ]);
  expect(typesOf(account)).toEqual(['desk.presence.requested', 'desk.handover.offered']);
});

test('S0-4: the last two lines, or none, where the request says so', async () => {
  const two = await connect({ kind: 'last', count: 2 });
  const none = await connect(undefined);
  for (const { channel } of [two, none]) {
    await channel.say({ thread: 't', text: 'human' });
    await channel.books.until((books) => books.texts('t').includes('your name?'), 30_000);
    await channel.say({ thread: 't', text: 'Vera' });
  }
  expect((await untilOffered(two)).history.map(({ content }) => content.text)).toEqual(['Vera', 'thanks']);
  expect((await untilOffered(none)).history).toEqual([]);
});

test('it accepts, both write in order, the bot hears nothing, it closes', async () => {
  const account = await connect(undefined, { policy: { numbers: { intake: { by: 'none' } } } });
  const { channel, desk, bot } = account;
  await channel.say({ thread: 'chat', text: 'human' });
  const { handoverId } = await untilOffered(account);
  await account.shows('chat', ({ state }) => state === 'queued');
  await channel.say({ thread: 'chat', text: 'while I wait' });
  expect((await desk.accept(handoverId, { id: 'p1', name: 'Dora' })).status).toBe(200);
  await account.shows('chat', ({ state, holder }) => state === 'assigned' && holder.kind === 'desk');
  await desk.answer(handoverId, { text: 'Dora here' }, { id: 'p1', name: 'Dora' });
  await channel.books.until((books) => books.texts('chat').includes('Dora here'), 30_000);
  for (const text of ['one', 'two', 'three']) await channel.say({ thread: 'chat', text });
  await desk.until(() => desk.lines(handoverId).length === 4, 30_000);
  expect(desk.lines(handoverId).map(({ text }) => text)).toEqual(['while I wait', 'one', 'two', 'three']);
  const by = channel.books.byThread('chat').find(({ text }) => text === 'Dora here')?.author;
  expect(by).toEqual({ kind: 'desk', name: 'Dora' });
  expect((await account.act('chat', 'reply', { text: 'not mine' })).status).toBe(409);
  await desk.close(handoverId);
  await account.shows('chat', ({ state }) => state === 'resolved');
  expect(bot.turns().map(asked)).toEqual(['human']);
  expect(channel.books.texts('chat')).not.toContain('not mine');
});

test('it refuses: the customer is back with the bot, who answers', async () => {
  const account = await connect(undefined, { policy: { numbers: { intake: { by: 'none' } } } });
  const { channel, desk } = account;
  await channel.say({ thread: 'no', text: 'human' });
  const { handoverId } = await untilOffered(account);
  await desk.refuse(handoverId, 'busy');
  await account.shows('no', ({ state }) => state === 'bot');
  await channel.say({ thread: 'no', text: 'still there?' });
  await channel.books.until((books) => books.texts('no').includes('echo: still there?'), 30_000);
  expect(desk.lines(handoverId)).toEqual([]);
});

test('it takes a chat unasked: from then on it is heard, and the bot is not', async () => {
  const account = await connect(undefined);
  const { channel, desk, bot } = account;
  await channel.say({ thread: 'taken', text: 'hello' });
  await account.hears('taken', 'echo: hello');
  expect((await desk.take(await account.conversation('taken'), { id: 'p2', name: 'Emil' })).status).toBe(200);
  await account.shows('taken', ({ state, holder }) => state === 'assigned' && holder.kind === 'desk');
  await channel.say({ thread: 'taken', text: 'who are you?' });
  await desk.until((calls) => calls.some((call) => call.type === 'desk.message'), 30_000);
  expect(bot.turns().map(asked)).toEqual(['hello']);
});
