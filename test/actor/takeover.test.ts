import { v7 as uuid } from 'uuid';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { parseSendKey } from '../../store/send-key.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { openAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';
import { required } from '../support/required.ts';

let database: TestDatabase;
let account: SimulatedAccount;
const deskId = uuid();

beforeAll(async () => {
  database = await createTestDatabase();
  account = await openAccount(database, { numbers: { intake: { by: 'none' } }, maxChats: 5_000 });
  const { accountId } = account.account;
  await inAccount(account.pool, accountId, (tx) =>
    tx.query(`INSERT INTO desks (account_id, id, name, type, created_at) VALUES ($1, $2, 'Desk', 'http', $3)`, [
      accountId,
      deskId,
      new Date(),
    ]),
  );
});
afterAll(async () => {
  await account.close();
  await database.drop();
});

/** What runs side by side: the bot's answer on its way to the customer, and a desk that takes the chat. */
const moves = ['work', 'settle', 'take', 'work', 'settle', 'hand', 'work', 'settle'] as const;
type Move = (typeof moves)[number];
const interleaving = fc.record({
  order: fc.shuffledSubarray([...moves], { minLength: moves.length }),
  /** From which move on the next one begins before the one before it has ended. */
  overlaps: fc.array(fc.boolean(), { minLength: moves.length, maxLength: moves.length }),
});

test('B-2: a reply of the bot that is not being sent when somebody takes over is never delivered', async () => {
  const property = fc.asyncProperty(interleaving, async ({ order, overlaps }) => {
    const simulation = await simulate(account);
    simulation.answerBot = () => ({ messages: [{ text: 'late' }], handover: null, intake: null });
    await simulation.hand(await simulation.write('hello'));
    await simulation.settle();
    await playOverlapping(order, overlaps, (move) => make(simulation, move));
    await simulation.put('DeskTook', { deskId, personId: null });
    await simulation.finish();
    await expectNothingCancelledWasHeard(simulation);
    const events = await expectInvariants(simulation.pool, simulation.id);
    expect(events.findLast((event) => event.type === 'ConversationAssigned')?.owner.kind).toBe('desk');
  });
  await fc.assert(property, { numRuns: process.env['CI'] ? 1_000 : 100, endOnFailure: true });
}, 300_000);

test('B-2: an accepted reply of an agent is always delivered, whoever has the chat by then', async () => {
  const order = fc.shuffledSubarray(['settle', 'work', 'take', 'unassign', 'settle', 'work', 'hand'] as const, {
    minLength: 7,
  });
  const property = fc.asyncProperty(order, async (steps) => {
    const simulation = await simulate(account);
    await assign(simulation);
    const messageId = await simulation.draft('from the agent');
    const reply = command(simulation, 'Reply', 'reply', { messageId });
    simulation.send(reply);
    await playOverlapping(
      [...steps],
      steps.map(() => false),
      (step) => make(simulation, step),
    );
    await simulation.finish();
    const heard = simulation.deliveries.filter((delivery) => delivery.author === 'agent').map(({ text }) => text);
    const accepted = simulation.outcomes.get(reply.key)?.ok === true;
    expect([...new Set(heard)]).toEqual(accepted ? ['from the agent'] : []);
  });
  await fc.assert(property, { numRuns: process.env['CI'] ? 200 : 40, endOnFailure: true });
}, 300_000);

test('B-2: after a hand-back the bot is awake, without a word of the customer', async () => {
  const simulation = await simulate(account);
  await assign(simulation);
  const asked = simulation.turns.length;
  simulation.answerBot = () => ({ messages: [{ text: 'back again' }], handover: null, intake: null });
  simulation.send(command(simulation, 'HandBack', 'back'));
  await simulation.settle();
  await simulation.finish();
  expect(simulation.turns.slice(asked).map((turn) => turn.event.type)).toEqual(['returned']);
  expect(simulation.deliveries.at(-1)).toMatchObject({ author: 'bot', text: 'back again' });
});

async function make(simulation: Simulation, move: Move | 'unassign'): Promise<void> {
  if (move === 'settle') await simulation.settle();
  if (move === 'work') await simulation.out.splice(0, 1)[0]?.finish();
  if (move === 'take') await simulation.put('DeskTook', { deskId, personId: null });
  if (move === 'hand') await simulation.hand(simulation.actor.stored.seq + 1);
  if (move === 'unassign') simulation.send(command(simulation, 'Unassign', 'unassign'));
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
  simulation.answerBot = () => ({ messages: [], handover: null, intake: null });
}

function command(simulation: Simulation, type: Command['type'], name: string, more: object = {}): Command {
  const agentId = required(simulation.account.agentIds[0]);
  const key = `${simulation.id.conversationId}:${name}`;
  return { type, key, by: { kind: 'agent', agentId }, agentId, ...more } as Command;
}

async function expectNothingCancelledWasHeard(simulation: Simulation): Promise<void> {
  const { accountId, conversationId } = simulation.id;
  const heard = simulation.deliveries.map(({ key }) => parseSendKey(key)?.seq);
  const { rows } = await inAccount(simulation.pool, accountId, (tx) =>
    tx.query<{ seq: number }>(
      `SELECT seq FROM outbound WHERE account_id = $1 AND conversation_id = $2 AND status = 'cancelled'`,
      [accountId, conversationId],
    ),
  );
  for (const { seq } of rows) expect(heard).not.toContain(seq);
}
