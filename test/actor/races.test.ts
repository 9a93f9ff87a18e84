import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { workflowId, type ActorId, type Outcome } from '../../workflows/conversation/messages.ts';
import type { SeededAccount } from '../support/account.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { createMeeting } from '../support/gate.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { runsOf } from '../support/runs.ts';
import { required } from '../support/required.ts';

let stack: ActorStack;
let keys = 0;
/** Before each record that takes a place. */
let beforeClaim: () => Promise<void>;

beforeAll(async () => {
  stack = await startActorStack();
  stack.around = (made) => ({
    ...made,
    async record(actor, recording) {
      if (recording.events.some(({ event }) => event.type === 'ConversationAssigned')) await beforeClaim();
      return made.record(actor, recording);
    },
  });
  await stack.startWorker();
});
afterAll(() => stack.close());
beforeEach(() => {
  beforeClaim = () => Promise.resolve();
});

const noIntake = { numbers: { intake: { by: 'none' as const } }, maxChats: 3 };

async function queued(account: SeededAccount, thread: string): Promise<ActorId> {
  stack.bot.answer = (turn) => ({
    messages: [],
    handover: turn.event.type === 'messages' ? { priority: 0 } : null,
    intake: null,
  });
  const { conversationId } = await stack.write(account, thread, 'a person, please');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  await stack.sees(id, 'ConversationQueued');
  return id;
}

function ask(id: ActorId, name: 'Join' | 'Unassign' | 'Resolve', agentId: string, key?: string): Promise<Outcome> {
  keys += 1;
  const by = { kind: 'agent' as const, agentId };
  return stack.commands.execute(id, name, { key: key ?? `race:${keys}`, by, agentId } as never);
}

describe('claims', () => {
  test('S1-3: 50 joins at once by one agent with limit 3: exactly 3 succeed', async () => {
    const account = await stack.account(noIntake);
    const [agentId] = account.agentIds;
    const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => queued(account, `s1-3-${index}`)));
    // Joins come at once, their records need not; as many as there are connections to Postgres do.
    const meeting = createMeeting(20);
    beforeClaim = () => meeting.join();
    const outcomes = await Promise.all(ids.map((id) => ask(id, 'Join', required(agentId))));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(3);
    const codes = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.rejection.code]));
    expect(new Set(codes)).toEqual(new Set(['agent-at-limit']));
    await expectInvariants(stack.pool, required(ids[0]));
  });

  test('S4-4: the first agent gets the chat, the others are told who has it', async () => {
    const account = await stack.account({ ...noIntake, agents: 10 });
    const id = await queued(account, 's4-4');
    const outcomes = await Promise.all(account.agentIds.map((agentId) => ask(id, 'Join', agentId)));
    const state = await stack.state(id);
    const owner =
      state?.phase.name === 'assigned' && state.phase.owner.kind === 'agent' ? state.phase.owner.agentId : '';
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.rejection]));
    expect(refused).toHaveLength(9);
    for (const rejection of refused) expect(rejection).toMatchObject({ code: 'taken', ownerId: owner });
    await expectInvariants(stack.pool, id);
  });

  test('B-7: the same key ten times at once has one effect and one answer', async () => {
    const account = await stack.account(noIntake);
    const id = await queued(account, 'b-7');
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => ask(id, 'Join', required(account.agentIds[0]), `b-7:${id.conversationId}`)),
    );
    expect(outcomes.map((outcome) => outcome.ok)).toEqual(Array.from({ length: 10 }, () => true));
    expect((await stack.events(id)).filter((event) => event.type === 'ConversationAssigned')).toHaveLength(1);
  });
});

describe('terminate', () => {
  test('a terminated queued conversation that gets no message still has its queue wait fire', async () => {
    const account = await stack.account({ numbers: { intake: { by: 'none' }, queue: { waitMs: 5_000 } } });
    const id = await queued(account, 'terminated');
    await stack.temporal.client.getHandle(workflowId(id)).terminate();
    expect(await runsOf(stack.pool, id)).toBe(1);
    expect((await stack.events(id)).filter(({ type }) => type === 'QueueWaitPassed')).toEqual([]);
    await stack.sees(id, 'QueueWaitPassed');
    expect(await runsOf(stack.pool, id)).toBe(2);
    await expectInvariants(stack.pool, id);
  });

  test('a terminated conversation answers the next command from what Postgres says', async () => {
    const account = await stack.account(noIntake);
    const id = await queued(account, 'terminated-command');
    await stack.temporal.client.getHandle(workflowId(id)).terminate();
    expect(await ask(id, 'Join', required(account.agentIds[0]))).toMatchObject({ ok: true, phase: 'assigned' });
    await expectInvariants(stack.pool, id);
  });
});

describe('runs', () => {
  test('R16: 2,000 messages and 300 actions into one conversation, through continue-as-new', async () => {
    const account = await stack.account(noIntake);
    const id = await queued(account, 'r16');
    const [agentId] = account.agentIds;
    const messages = async (from: number): Promise<void> => {
      for (let index = 0; index < 250; index += 1) await stack.write(account, 'r16', `message ${from}-${index}`);
    };
    const actions = async (): Promise<Outcome[]> => {
      const outcomes: Outcome[] = [];
      for (let index = 0; index < 150; index += 1) {
        outcomes.push(await ask(id, 'Join', required(agentId)));
        outcomes.push(await ask(id, 'Unassign', required(agentId)));
      }
      return outcomes;
    };
    const [outcomes] = await Promise.all([actions(), ...Array.from({ length: 8 }, (_, from) => messages(from))]);
    await stack.caughtUp(id);
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(300);
    const events = await expectInvariants(stack.pool, id);
    expectInOrder(events, 2_001);
    expect(await runsOf(stack.pool, id)).toBeGreaterThan(2);
  }, 300_000);
});

describe('B-6', () => {
  test('20 messages at the same moment from a new customer: one conversation, 20 messages, in order', async () => {
    const account = await stack.account();
    stack.bot.answer = () => ({ messages: [], handover: null, intake: null });
    const accepted = await Promise.all(
      Array.from({ length: 20 }, (_, index) => stack.write(account, 'b-6', `message ${index}`)),
    );
    const conversations = new Set(accepted.map((one) => one.conversationId));
    expect(conversations.size).toBe(1);
    const id = { accountId: account.accountId, conversationId: required([...conversations][0]) };
    await stack.caughtUp(id);
    expectInOrder(await expectInvariants(stack.pool, id), 20);
  });
});
