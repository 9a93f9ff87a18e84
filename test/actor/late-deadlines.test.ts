/** R11: however late a deadline is taken, it counts from its own time, before all that came after it. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationEvent, EventOf } from '../../workflows/conversation/events.ts';
import type { Command, DeadlineKind } from '../../workflows/conversation/inputs.ts';
import { seedAccount, type AccountOptions } from '../support/account.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { addDesk, claimPlace, draftBlock } from '../support/conversation-rows.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { bySupervisor } from '../support/queued.ts';
import { required } from '../support/required.ts';
import { openOwnAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';
import { until } from '../support/until.ts';

const minute = 60_000;
const hour = 60 * minute;

type Numbers = NonNullable<AccountOptions['numbers']>;
const noIntake: Numbers = { intake: { by: 'none' } };

interface Armed {
  event: ConversationEvent['type'];
  afterMs: number;
  /** A conversation in which it runs. */
  arrange(): Promise<Simulation>;
}

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

  async function begun(numbers: Numbers, answerBot: Simulation['answerBot']): Promise<Simulation> {
    const account = await seedAccount(shared.pool, { numbers });
    const simulation = await simulate({ ...shared, account }, { startAt });
    simulation.answerBot = answerBot;
    await simulation.write('a person, please');
    await simulation.finish();
    return simulation;
  }

  async function queued(numbers: Numbers = {}): Promise<Simulation> {
    const handsOver = () => ({ messages: [], handover: { priority: 0 }, intake: null });
    const simulation = await begun({ ...noIntake, ...numbers }, handsOver);
    expect(simulation.actor.state.phase.name).toBe('queued');
    return simulation;
  }

  const deferred = () => begun({}, () => 'deferred');

  const asked = () =>
    begun({}, ({ event }) => ({
      messages: [{ text: 'what is it about?' }],
      handover: event.type === 'messages' ? { priority: 0 } : null,
      intake: event.type === 'prechat' ? { status: 'open', answers: [] } : null,
    }));

  async function act(simulation: Simulation, type: Command['type'], more: object = {}): Promise<Simulation> {
    simulation.send(bySupervisor(simulation, type, more));
    await simulation.finish();
    return simulation;
  }

  const assigned = async (numbers: Numbers = {}) => act(await queued(numbers), 'Join');

  async function replies(simulation: Simulation): Promise<Simulation> {
    const by = { kind: 'agent', agentId: required(simulation.account.agentIds[0]) };
    return act(simulation, 'Reply', { by, messageId: await simulation.draft('are you there?') });
  }

  const replied = async (numbers: Numbers = {}) => replies(await assigned(numbers));

  async function offered(): Promise<Simulation> {
    const simulation = await queued();
    const { account, id, actor } = simulation;
    const { epoch } = actor.state.baton;
    const agentId = required(account.agentIds[0]);
    const claimId = await claimPlace(shared.pool, id, agentId, 1);
    await simulation.put('AgentClaimed', { claimId, entry: 1, agentId, epoch, offer: true });
    await simulation.finish();
    return simulation;
  }

  async function blockedUntil(expiresAt: number): Promise<Simulation> {
    const simulation = await queued();
    const blockId = await draftBlock(shared.pool, simulation.id, 'spam', expiresAt, new Date(startAt));
    return act(simulation, 'Block', { blockId, expiresAt });
  }

  /** It took the chat, and the customer's next line doesn't reach it. */
  async function lostByDesk(): Promise<Simulation> {
    const simulation = await queued();
    const deskId = await addDesk(shared.pool, simulation.id.accountId);
    await simulation.put('DeskTook', { deskId, personId: null });
    await simulation.finish();
    await simulation.write('hello?');
    simulation.weather = ['retryable'];
    await simulation.finish();
    return simulation;
  }

  /** The channel's window closed with the first reply; the second waits for the customer. */
  async function held(): Promise<Simulation> {
    const simulation = await replied({ idle: { warnMs: null }, delivery: { maxAgeMs: hour } });
    const outbound = simulation.actor.state.count.outbound;
    await simulation.put('ReceiptCame', { outbound, status: 'failed', class: 'window-closed' });
    await simulation.finish();
    return replies(simulation);
  }

  const recorded = ({ pool, id }: Simulation): Promise<ConversationEvent[]> => expectInvariants(pool, id);

  /** All of it happens at `startAt`. */
  const armed: Record<DeadlineKind, Armed> = {
    session: { event: 'SessionEnded', afterMs: 24 * hour, arrange: () => queued() },
    'prechat-abandoned': { event: 'ReturnedToBot', afterMs: 10 * minute, arrange: () => asked() },
    'queue-wait': { event: 'QueueWaitPassed', afterMs: 30 * minute, arrange: () => queued() },
    offer: { event: 'OfferEnded', afterMs: 2 * minute, arrange: () => offered() },
    'first-reply': {
      event: 'OwnerReleased',
      afterMs: 5 * minute,
      arrange: () => assigned({ firstReplyMs: 5 * minute }),
    },
    'idle-warning': { event: 'IdleWarned', afterMs: 10 * minute, arrange: () => replied() },
    'idle-close': {
      event: 'ConversationResolved',
      afterMs: 20 * minute,
      arrange: () => replied({ idle: { warnMs: null, closeMs: 20 * minute } }),
    },
    'block-expiry': { event: 'ConversationUnblocked', afterMs: hour, arrange: () => blockedUntil(startAt + hour) },
    'bot-turn': { event: 'BotTurnFailed', afterMs: minute, arrange: () => deferred() },
    'desk-lost': { event: 'OwnerReleased', afterMs: 5 * minute, arrange: () => lostByDesk() },
    'held-too-long': { event: 'MessageSettled', afterMs: hour, arrange: () => held() },
  };
  const late = Object.entries(armed).flatMap(([kind, one]) => [0, 1, 7 * hour].map((ms) => [kind, ms, one] as const));

  test.each(late)(
    '%s, taken %i ms too late, has its own time, and comes not a millisecond before',
    async (_, ms, one) => {
      const simulation = await one.arrange();
      const times = async () =>
        (await recorded(simulation)).filter(({ type }) => type === one.event).map((event) => event.at);
      const before = await times();
      const at = startAt + one.afterMs;
      simulation.passTo(at - 1);
      await simulation.settle();
      expect(await times()).toEqual(before);
      simulation.passTo(at + ms);
      await simulation.settle();
      expect(await times()).toEqual([...before, at]);
    },
  );

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
