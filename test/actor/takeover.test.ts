import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BotTurn, BotWords } from '../../adapters/contract/bot.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { addDesk, matchTo } from '../support/conversation-rows.ts';
import { expectDelivered } from '../support/delivery.ts';
import { expectInvariants } from '../support/invariants.ts';
import { numRuns } from '../support/num-runs.ts';
import { openOwnAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';
import { required } from '../support/required.ts';

let account: SimulatedAccount;
let deskId: string;

beforeAll(async () => {
  account = await openOwnAccount({ numbers: { intake: { by: 'none' } }, maxChats: 5_000 });
  deskId = await addDesk(account.pool, account.account.accountId);
});
afterAll(() => account.close());

/** Who takes over: a desk unasked, out of the bot's hands or out of the queue; an agent; the matcher for an agent. */
const takers = ['desk from bot', 'desk from queue', 'join', 'claim'] as const;
type Taker = (typeof takers)[number];

/**
 * What runs side by side: the bot's answer on its way to the customer, and somebody who takes the chat. `hold`: a sending
 * is begun and comes to the channel only with the next `send`.
 */
const moves = ['settle', 'send', 'take', 'ask', 'settle', 'hold', 'hand', 'send', 'settle'] as const;
type Move = (typeof moves)[number];
const interleaving = fc.record(
  {
    taker: fc.constantFrom(...takers),
    order: fc.shuffledSubarray([...moves], { minLength: moves.length }),
    /** Whether a move begins before the ones before it have ended. */
    overlaps: fc.array(fc.boolean(), { minLength: moves.length, maxLength: moves.length }),
  },
  { noNullPrototype: true },
);

const once = { idempotency: 'key', onAmbiguous: 'at-most-once' } as const;

test('B-2: what the bot says is not begun to be sent once somebody has taken over; handed back, the bot is awake', async () => {
  const property = fc.asyncProperty(interleaving, async ({ taker, order, overlaps }) => {
    const simulation = await simulate(account);
    await bringToReply(simulation, taker);
    await playOverlapping(order, overlaps, (move) => make(simulation, move, taker));
    await takeFor(simulation, taker);
    await simulation.finish();
    const kind = taker === 'join' || taker === 'claim' ? 'agent' : 'desk';
    expect(simulation.actor.state.phase).toMatchObject({ name: 'assigned', owner: { kind } });
    const events = await expectInvariants(simulation.pool, simulation.id);
    expectDelivered(simulation.deliveries, events, once);
    await expectAwakeAfterHandBack(simulation);
  });
  await fc.assert(property, {
    numRuns: numRuns({ here: 100, inCi: 1_000 }),
    interruptAfterTimeLimit: 580_000,
    markInterruptAsFailure: true,
  });
}, 600_000);

test('B-2: an accepted reply of an agent is always delivered, whoever has the chat by then', async () => {
  const steps = ['settle', 'send', 'take', 'unassign', 'settle', 'hold', 'hand', 'send'] as const;
  const property = fc.asyncProperty(fc.shuffledSubarray([...steps], { minLength: steps.length }), async (order) => {
    const simulation = await simulate(account);
    await assign(simulation);
    const messageId = await simulation.draft('from the agent');
    const reply = command(simulation, 'Reply', 'reply', { messageId });
    simulation.send(reply);
    for (const step of order) await make(simulation, step, 'desk from queue');
    await simulation.finish();
    const heard = simulation.deliveries.filter((delivery) => delivery.author === 'agent').map(({ text }) => text);
    const accepted = simulation.outcomes.get(reply.key)?.ok === true;
    expect(heard).toEqual(accepted ? ['from the agent'] : []);
    expectDelivered(simulation.deliveries, await expectInvariants(simulation.pool, simulation.id), once);
  });
  await fc.assert(property, {
    numRuns: numRuns({ here: 40, inCi: 200 }),
    interruptAfterTimeLimit: 580_000,
    markInterruptAsFailure: true,
  });
}, 600_000);

const says = (...texts: string[]): BotWords => ({
  messages: texts.map((text) => ({ text })),
  handover: null,
  intake: null,
});

/** It says two things to a `hello` and no more to the return of the customer than to any word of theirs. */
const bot = ({ event }: BotTurn): BotWords =>
  says(
    ...(event.type === 'messages' ? event.messages.map(({ content }) => `to ${content.text ?? ''}`) : ['back again']),
  );

/** The bot has been asked; or it has answered and handed over, and what it said is still to be sent. */
async function bringToReply(simulation: Simulation, taker: Taker): Promise<void> {
  const handsOver = taker !== 'desk from bot';
  simulation.answerBot = () => ({ ...says('late', 'later'), handover: handsOver ? { priority: 0 } : null });
  await simulation.hand(await simulation.write('hello'));
  await simulation.settle();
  if (!handsOver) return;
  while (simulation.actor.state.phase.name !== 'queued') {
    await make(simulation, 'ask', taker);
    await simulation.settle();
  }
  expect(simulation.actor.state.outbox.filter(({ author }) => author === 'bot')).toHaveLength(2);
}

async function make(simulation: Simulation, move: Move | 'unassign', taker: Taker): Promise<void> {
  if (move === 'settle') await simulation.settle();
  if (move === 'ask') await (await takeOut(simulation, 'ask'))?.finish();
  if (move === 'send') await (await takeOut(simulation, 'channel'))?.finish();
  if (move === 'hold') await simulation.out.find(({ work }) => work.lane === 'channel')?.start('before');
  if (move === 'take') await takeFor(simulation, taker);
  if (move === 'hand') await simulation.hand(simulation.actor.stored.seq + 1);
  if (move === 'unassign') simulation.send(command(simulation, 'Unassign', 'unassign'));
}

/** The shell starts what is pending in a moment of its own. */
async function takeOut({ out }: Simulation, lane: string): Promise<Simulation['out'][number] | undefined> {
  await Promise.resolve();
  const index = out.findIndex(({ work }) => work.lane === lane);
  return index < 0 ? undefined : out.splice(index, 1)[0];
}

async function takeFor(simulation: Simulation, taker: Taker): Promise<void> {
  const agentId = required(simulation.account.agentIds[0]);
  const { pool, id } = simulation;
  if (taker === 'join') simulation.send(command(simulation, 'Join', 'join'));
  else if (taker === 'claim') await matchTo(pool, id, { agentId, offer: false, at: new Date(simulation.now()) });
  else await simulation.put('DeskTook', { deskId, personId: null });
}

/** The shell takes one thing after another, so two settles never overlap; anything else may. */
async function playOverlapping<M>(order: M[], overlaps: boolean[], play: (move: M) => Promise<void>): Promise<void> {
  let before: Promise<void> = Promise.resolve();
  for (const [index, move] of order.entries()) {
    if (!overlaps[index] || move === 'settle') await before;
    const mine = play(move);
    before = Promise.all([before, mine]).then(() => undefined);
  }
  await before;
}

async function assign(simulation: Simulation): Promise<void> {
  simulation.answerBot = () => ({ messages: [], handover: { priority: 0 }, intake: null });
  await simulation.write('person');
  await simulation.finish();
  simulation.send(command(simulation, 'Join', 'join'));
  await simulation.settle();
  expect(simulation.actor.state.phase.name).toBe('assigned');
}

/** Without a word of the customer; and the next word gets its answer. */
async function expectAwakeAfterHandBack(simulation: Simulation): Promise<void> {
  const [asked, heard] = [simulation.turns.length, simulation.deliveries.length];
  simulation.answerBot = bot;
  simulation.send(command(simulation, 'HandBack', 'back'));
  await simulation.finish();
  await simulation.write('thanks');
  await simulation.finish();
  expect(simulation.turns.slice(asked).map(({ event }) => event.type)).toEqual(['returned', 'messages']);
  const spoken = simulation.deliveries.slice(heard).filter(({ author }) => author === 'bot');
  expect(spoken.map(({ text }) => text)).toEqual(['back again', 'to thanks']);
  expectDelivered(simulation.deliveries, await expectInvariants(simulation.pool, simulation.id), once);
}

function command(simulation: Simulation, type: Command['type'], name: string, more: object = {}): Command {
  const agentId = required(simulation.account.agentIds[0]);
  const key = `${simulation.id.conversationId}:${name}`;
  const by = type === 'HandBack' ? 'supervisor' : 'agent';
  return { type, key, by: { kind: by, agentId }, agentId, ...more } as Command;
}
