/** R11: however late a deadline is taken, it counts from its own time, before all that came after it. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationEvent, EventOf } from '../../workflows/conversation/events.ts';
import { seedAccount, type AccountOptions } from '../support/account.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { openOwnAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';
import { until } from '../support/until.ts';

const minute = 60_000;
const hour = 60 * minute;

type Numbers = NonNullable<AccountOptions['numbers']>;
const noIntake: Numbers = { intake: { by: 'none' } };

function only<T extends ConversationEvent['type']>(events: ConversationEvent[], type: T): EventOf<T> {
  const found = events.filter((event): event is EventOf<T> => event.type === type);
  expect(found).toHaveLength(1);
  return required(found[0]);
}

describe('by a clock that the test moves', () => {
  const startAt = Date.UTC(2026, 0, 5, 9);
  let shared: SimulatedAccount;
  beforeAll(async () => {
    shared = await openOwnAccount();
  });
  afterAll(() => shared.close());

  async function queued(numbers: Numbers = {}): Promise<Simulation> {
    const account = await seedAccount(shared.pool, { numbers: { ...noIntake, ...numbers } });
    const simulation = await simulate({ ...shared, account }, { startAt });
    simulation.answerBot = () => ({ messages: [], handover: { priority: 0 }, intake: null });
    await simulation.write('a person, please');
    await simulation.finish();
    expect(simulation.actor.state.phase.name).toBe('queued');
    return simulation;
  }

  const recorded = ({ pool, id }: Simulation): Promise<ConversationEvent[]> => expectInvariants(pool, id);

  test.each([
    ['QueueWaitPassed', 30 * minute, 0],
    ['QueueWaitPassed', 30 * minute, 1],
    ['QueueWaitPassed', 30 * minute, 7 * hour],
    ['SessionEnded', 24 * hour, 0],
    ['SessionEnded', 24 * hour, 1],
    ['SessionEnded', 24 * hour, 7 * hour],
  ] as const)('%s after %i ms, and taken %i ms too late, has its own time', async (type, afterMs, lateMs) => {
    const simulation = await queued();
    const at = startAt + afterMs;
    simulation.passTo(at - 1);
    await simulation.settle();
    expect((await recorded(simulation)).map((event) => event.type)).not.toContain(type);
    simulation.passTo(at + lateMs);
    await simulation.settle();
    expect(only(await recorded(simulation), type).at).toBe(at);
  });

  test('all that passed at once fire in their order; what was written in between is taken in between', async () => {
    const simulation = await queued();
    simulation.passTo(startAt + hour);
    await simulation.write('anybody there?');
    simulation.passTo(startAt + 48 * hour);
    await simulation.write('hello again');
    await simulation.restart();
    await simulation.finish();
    const events = await recorded(simulation);
    const told = events.filter(({ type }) =>
      ['QueueWaitPassed', 'CustomerMessageAccepted', 'SessionEnded', 'SessionStarted'].includes(type),
    );
    expect(told.map(({ type, at }) => [type, at - startAt])).toEqual([
      ['SessionStarted', 0],
      ['CustomerMessageAccepted', 0],
      ['QueueWaitPassed', 30 * minute],
      ['CustomerMessageAccepted', hour],
      ['SessionEnded', 25 * hour],
      ['SessionStarted', 48 * hour],
      ['CustomerMessageAccepted', 48 * hour],
    ]);
  });
});

describe('on the real servers', () => {
  let stack: ActorStack;
  beforeAll(async () => {
    stack = await startActorStack();
    await stack.startWorker();
  });
  afterAll(() => stack.close());

  test('no worker is there at the time of a deadline: it counts from it, and before what came after it', async () => {
    const account = await stack.account({ responsible: 'managers', numbers: { queue: { waitMs: 8_000 } } });
    const write = (text: string) => stack.write(account, 'late', text);
    const { conversationId } = await write('a person, please');
    const id = { accountId: account.accountId, conversationId: required(conversationId) };
    await stack.sees(id, 'ConversationQueued');
    await stack.stopWorker();
    const due = only(await stack.events(id), 'ConversationQueued').at + 8_000;
    expect((await stack.events(id)).map(({ type }) => type)).not.toContain('QueueWaitPassed');
    await until(() => Date.now() > due);
    await write('anybody there?');
    const agentId = required(account.agentIds[0]);
    const join = { key: uuid(), by: { kind: 'agent' as const, agentId }, agentId };
    await stack.commands.signal(id, 'Join', join);
    await stack.startWorker();
    await stack.sees(id, 'ConversationAssigned');
    await stack.caughtUp(id);
    const events = await expectInvariants(stack.pool, id);
    expectInOrder(events, 2);
    expect(only(events, 'QueueWaitPassed').at).toBe(due);
    expect(only(events, 'ConversationAssigned').at).toBeGreaterThan(due);
    const types = events.map(({ type }) => type);
    expect(types.indexOf('QueueWaitPassed')).toBeLessThan(types.lastIndexOf('CustomerMessageAccepted'));
  });
});
