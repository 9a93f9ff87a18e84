/** What is outside may take its time, or be dead: no decision waits for it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BotTurn } from '../../../adapters/contract/bot.ts';
import { createGate, type Gate } from '../../support/gate.ts';
import { required } from '../../support/required.ts';
import { startOutside, type Connected, type Outside } from './outside.ts';

let outside: Outside;
beforeAll(async () => {
  outside = await startOutside();
});
afterAll(() => outside.close());

const texts = ({ event }: BotTurn): string =>
  event.type === 'messages' ? event.messages.map(({ content }) => content.text).join('|') : event.type;

/** Its bot repeats what was said, and hands over when somebody writes `human`. */
async function connect(options: Parameters<Outside['connect']>[0] = {}): Promise<Connected> {
  const numbers = { intake: { by: 'none' }, bot: { timeoutMs: 15_000 } };
  const account = await outside.connect({ ...options, policy: { numbers } });
  account.bot.script((turn) => echo(turn));
  return account;
}

const echo = (turn: BotTurn): object =>
  texts(turn) === 'human' ? { messages: [], livechat: true } : { messages: [{ text: `echo: ${texts(turn)}` }] };

async function queued(account: Connected, thread: string): Promise<void> {
  await account.channel.say({ thread, text: 'human' });
  await account.shows(thread, ({ state }) => state === 'queued');
}

/** Accepted, and it shows. */
async function acts(account: Connected, thread: string, action: string, to: string, body?: object): Promise<void> {
  const backends = ['forward', 'assign'];
  const by = backends.includes(action) ? account.key : account.agent;
  expect(await account.act(thread, action, body, by)).toMatchObject({ status: 200 });
  await account.shows(thread, ({ state }) => state === to);
}

/** All that was decided by now was decided during this call: it is the first, and its caller still waits. */
function expectStillOpen(gate: Gate, server: { waiting(): number }): void {
  expect({ came: gate.came, waiting: server.waiting() }).toEqual({ came: 1, waiting: 1 });
}

const abuse = { reason: 'abuse', message: 'You are blocked' };

describe('a channel', () => {
  test('that does not answer: an agent takes the chat and resolves it; then all is delivered, in order', async () => {
    const account = await connect();
    const { channel } = account;
    await queued(account, 'slow');
    const gate = createGate();
    channel.plan(async () => {
      await gate.pass();
      return null;
    });
    await acts(account, 'slow', 'join', 'assigned');
    await gate.reached;
    await channel.say({ thread: 'slow', text: 'are you there?' });
    await acts(account, 'slow', 'resolve', 'resolved');
    expectStillOpen(gate, channel);
    expect(channel.books.deliveries).toEqual([]);
    gate.open();
    await account.hears('slow', 'notice: assigned', 'notice: resolved');
  });

  test('that is dead: an agent answers and the contact is blocked; both are delivered when it is back', async () => {
    const account = await connect();
    const { channel } = account;
    await queued(account, 'dead');
    await channel.die();
    await acts(account, 'dead', 'join', 'assigned');
    await acts(account, 'dead', 'reply', 'assigned', { text: 'Good morning' });
    await acts(account, 'dead', 'block', 'blocked', abuse);
    expect(channel.books.attempts).toEqual([]);
    await channel.revive();
    await account.hears('dead', 'Good morning', 'You are blocked');
  });
});

describe('a bot', () => {
  /** The bot has been asked, and says nothing before the gate is open. */
  async function asked(account: Connected, thread: string): Promise<Gate> {
    const gate = createGate();
    account.bot.script(async (turn) => {
      await gate.pass();
      return echo(turn);
    });
    await account.channel.say({ thread, text: 'first' });
    await gate.reached;
    return gate;
  }

  test('that takes its time: the contact is blocked; what came meanwhile is its next turn', async () => {
    const account = await connect();
    const gate = await asked(account, 'blocked');
    for (const text of ['second', 'third']) await account.channel.say({ thread: 'blocked', text });
    await acts(account, 'blocked', 'block', 'blocked', abuse);
    await account.hears('blocked', 'You are blocked');
    expectStillOpen(gate, account.bot);
    gate.open();
    await account.hears('blocked', 'You are blocked', 'echo: first', 'echo: second|third');
    expect(account.bot.turns().map(texts)).toEqual(['first', 'second|third']);
  });

  test('B-2: that takes its time: a desk takes the chat, an agent joins, answers and resolves; its words come too late', async () => {
    const account = await connect();
    const { channel, bot, desk, groupId } = account;
    const gate = await asked(account, 'taken');
    await desk.take(await account.conversation('taken'));
    await account.hears('taken', 'notice: assigned');
    await acts(account, 'taken', 'forward', 'queued', { groupId });
    await acts(account, 'taken', 'join', 'assigned');
    await acts(account, 'taken', 'reply', 'assigned', { text: 'Good morning' });
    await acts(account, 'taken', 'resolve', 'resolved');
    await account.hears('taken', 'notice: assigned', 'notice: assigned', 'Good morning', 'notice: resolved');
    expectStillOpen(gate, bot);
    gate.open();
    await channel.say({ thread: 'taken', text: 'thanks' });
    await account.shows('taken', ({ state }) => state === 'assigned');
    await acts(account, 'taken', 'hand-back', 'bot');
    await bot.until(() => bot.turns().length === 2, 30_000);
    await channel.say({ thread: 'taken', text: 'last' });
    await channel.books.until((books) => books.texts('taken').includes('echo: last'), 30_000);
    expect(channel.books.texts('taken')).not.toContain('echo: first');
  });
});

describe('a desk', () => {
  test('that does not answer the offer: an agent is given the chat and resolves it; then the desk is told', async () => {
    const account = await connect({ toDesk: true });
    const { desk, agentIds } = account;
    const gate = createGate();
    desk.script(async ({ type }) => {
      if (type === 'desk.handover.offered') await gate.pass();
      return null;
    });
    await queued(account, 'offered');
    await gate.reached;
    await acts(account, 'offered', 'assign', 'assigned', { agentId: required(agentIds[0]) });
    await acts(account, 'offered', 'resolve', 'resolved');
    expectStillOpen(gate, desk);
    gate.open();
    await desk.until((calls) => calls.some(({ type }) => type === 'desk.chat.taken'), 30_000);
    expect(desk.offers()).toHaveLength(1);
  });

  test('that does not answer a line: it is taken from it, answered and blocked; then the desk is told', async () => {
    const account = await connect({ toDesk: true });
    const { channel, desk, agentIds } = account;
    await queued(account, 'line');
    await desk.until(() => desk.offers().length > 0, 30_000);
    const { handoverId } = required(desk.offers()[0]);
    await desk.accept(handoverId);
    await account.shows('line', ({ state }) => state === 'assigned');
    const gate = createGate();
    desk.script(async ({ type }) => {
      if (type === 'desk.message') await gate.pass();
      return null;
    });
    await channel.say({ thread: 'line', text: 'are you there?' });
    await gate.reached;
    await acts(account, 'line', 'assign', 'assigned', { agentId: required(agentIds[0]) });
    await acts(account, 'line', 'reply', 'assigned', { text: 'I am' });
    await channel.books.until((books) => books.texts('line').includes('I am'), 30_000);
    await acts(account, 'line', 'block', 'blocked', abuse);
    expectStillOpen(gate, desk);
    gate.open();
    await desk.until((calls) => calls.some(({ type }) => type === 'desk.chat.taken'), 30_000);
    expect(desk.lines(handoverId).map(({ text }) => text)).toEqual(['are you there?']);
  });
});
