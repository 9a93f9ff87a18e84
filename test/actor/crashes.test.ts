import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BotWords } from '../../adapters/contract.ts';
import { parseSendKey } from '../../store/send-key.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { openAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';
import { required } from '../support/required.ts';

let database: TestDatabase;
let account: SimulatedAccount;
beforeAll(async () => {
  database = await createTestDatabase();
  account = await openAccount(database, { numbers: { intake: { by: 'none' } }, maxChats: 20 });
});
afterAll(async () => {
  await account.close();
  await database.drop();
});

const says = (text: string): BotWords => ({ messages: [{ text }], handover: null, intake: null });
const handsOver: BotWords = { messages: [{ text: 'One moment' }], handover: { priority: 0 }, intake: null };

function asksForAPerson(simulation: Simulation): void {
  simulation.answerBot = (turn) => {
    const { event } = turn;
    const wish = event.type === 'messages' && event.messages.some((message) => message.content.text === 'person');
    return wish ? handsOver : says(`bot: ${turn.turnId}`);
  };
}

function command(simulation: Simulation, type: Command['type'], key: string, more: object = {}): Command {
  const agentId = required(simulation.account.agentIds[0]);
  return { type, key, by: { kind: 'agent', agentId }, agentId, ...more } as Command;
}

/** A script of everything at once; each step names what may go wrong in it. */
type Step =
  | { do: 'write'; text: 'hello' | 'person' }
  | { do: 'hand'; back: number }
  | { do: 'settle'; crash: 'before' | 'after' | 'twice' | null }
  | { do: 'work'; nth: number }
  | { do: 'command'; type: 'Join' | 'Reply' | 'Resolve' | 'HandBack' | 'Unassign'; again: boolean }
  | { do: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), text: fc.constantFrom('hello', 'person') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('hand' as const), back: fc.nat(3) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      crash: fc.constantFrom(null, null, 'before' as const, 'after' as const, 'twice' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('work' as const), nth: fc.nat(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      type: fc.constantFrom('Join', 'Reply', 'Resolve', 'HandBack', 'Unassign'),
      again: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

describe('a conversation through crashes', () => {
  test('R1: whatever dies in between, Postgres and the actor agree, and nothing is lost or doubled', async () => {
    const script = fc.array(step, { minLength: 10, maxLength: 40 });
    const property = fc.asyncProperty(fc.constantFrom('bot', 'queued', 'assigned'), script, async (begin, steps) => {
      const simulation = await simulate(account);
      await bringTo(simulation, begin);
      await play(simulation, steps);
    });
    await fc.assert(property, { numRuns: process.env['CI'] ? 60 : 25, endOnFailure: true });
  });
});

/** Most of what can go wrong happens late in a conversation; a script that starts at nothing rarely gets there. */
async function bringTo(simulation: Simulation, state: 'bot' | 'queued' | 'assigned'): Promise<void> {
  asksForAPerson(simulation);
  await simulation.write(state === 'bot' ? 'hello' : 'person');
  await simulation.finish();
  if (state !== 'assigned') return;
  simulation.send(command(simulation, 'Join', `${simulation.id.conversationId}:begin`));
  await simulation.settle();
}

async function play(simulation: Simulation, steps: Step[]): Promise<void> {
  const keys: string[] = [];
  let written = 1;
  for (const [index, one] of steps.entries()) {
    if (one.do === 'write') written = await simulation.write(one.text);
    if (one.do === 'hand') await simulation.hand(Math.max(1, simulation.actor.stored.seq + 1 - one.back));
    if (one.do === 'work') await simulation.out.splice(one.nth, 1)[0]?.finish();
    if (one.do === 'restart') await simulation.restart();
    if (one.do === 'settle') {
      simulation.crash = one.crash;
      await simulation.settle();
    }
    if (one.do === 'command') {
      const key = one.again && keys.length > 0 ? required(keys.at(-1)) : `${simulation.id.conversationId}:${index}`;
      keys.push(key);
      const messageId = one.type === 'Reply' ? await simulation.draft(`agent: ${index}`) : undefined;
      simulation.send(command(simulation, one.type, key, messageId ? { messageId } : {}));
    }
  }
  simulation.crash = null;
  await simulation.restart();
  await simulation.finish();
  const events = await expectInvariants(simulation.pool, simulation.id);
  expectInOrder(events, written);
  expectDelivered(simulation, events);
}

/** Full marks: what was accepted arrived, once by its key, in order; what the bot said after a takeover did not. */
function expectDelivered(simulation: Simulation, events: Awaited<ReturnType<typeof expectInvariants>>): void {
  const cancelled = new Set(events.flatMap((event) => (event.type === 'MessageCancelled' ? [event.seq] : [])));
  const queued = events.flatMap((event) => (event.type === 'MessageQueued' ? [event] : []));
  const firstHeard = [...new Set(simulation.deliveries.map((delivery) => delivery.key))];
  const due = queued.filter((event) => !cancelled.has(event.seq));
  const heard = firstHeard.map((key) => parseSendKey(key)?.seq ?? 0);
  for (const event of due) expect(heard).toContain(event.seq);
  expect(heard).toEqual([...heard].sort((a, b) => a - b));
  for (const delivery of simulation.deliveries.filter((one) => one.author === 'bot')) {
    const seq = parseSendKey(delivery.key)?.seq;
    expect(delivery.epochNow).toBe(queued.find((event) => event.seq === seq)?.epoch);
  }
}
