/** Agents' actions come as updates and as signals, of the same names and payloads, and come to the same. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { findOutcome } from '../../store/idempotency.ts';
import { commandNames, type CommandName } from '../../workflows/conversation/inputs.ts';
import { pending } from '../../workflows/conversation/pending.ts';
import type { ActorId, CommandPayload, Outcome } from '../../workflows/conversation/messages.ts';
import type { SeededAccount } from '../support/account.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { claimPlace, draftBlock, putRow, writeDraft } from '../support/conversation-rows.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';

let stack: ActorStack;
beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
  stack.bot.answer = (turn) => ({
    messages: [],
    handover: turn.event.type === 'messages' ? { priority: 0 } : null,
    intake: null,
  });
});
afterAll(() => stack.close());

/** Hands a command over, one way or the other, and waits for what it came to. */
type Way = <N extends CommandName>(id: ActorId, name: N, payload: CommandPayload<N>) => Promise<Outcome>;

const asUpdate: Way = (id, name, payload) => stack.commands.execute(id, name, payload);

const asSignal: Way = async (id, name, payload) => {
  await stack.commands.signal(id, name, payload);
  const kept = () => inAccount(stack.pool, id.accountId, (tx) => findOutcome(tx, id.accountId, payload.key));
  await until(async () => (await kept()) !== null);
  return required(await kept()).outcome as Outcome;
};

interface Life {
  account: SeededAccount;
  id: ActorId;
  agentId: string;
  entries: number;
  claimId: string;
}

async function waits(life: Life): Promise<void> {
  life.entries += 1;
  await stack.sees(life.id, 'ConversationQueued', life.entries);
}

/** Nothing is out whose end a command could forestall in one conversation and not in the other. */
async function allIsDone({ id }: Life): Promise<void> {
  await until(async () => pending(required(await stack.state(id))).length === 0);
}

/** As the matcher does. */
async function offers(life: Life): Promise<void> {
  const state = required(await stack.state(life.id));
  const { entry } = state.count;
  life.claimId = await claimPlace(stack.pool, life.id, life.agentId, entry);
  const { agentId, claimId } = life;
  await putRow(stack.pool, life.id, 'AgentClaimed', { claimId, entry, agentId, epoch: state.baton.epoch, offer: true });
  await until(async () => {
    const { phase } = required(await stack.state(life.id));
    return phase.name === 'queued' && phase.offer?.claimId === claimId;
  });
}

type Step = (life: Life) => object | Promise<object>;

/** What every command does where it has an effect, one after another; where it has to be arranged, what comes before it. */
const course: [name: CommandName, payload: Step, before?: (life: Life) => Promise<void>][] = [
  ['Join', () => ({})],
  ['Tag', () => ({ add: [uuid()], remove: [] })],
  ['Reply', async ({ id }) => ({ messageId: await writeDraft(stack.pool, id, 'hello') })],
  ['Assign', ({ account }) => ({ agentId: required(account.agentIds[1]), override: false })],
  ['Unassign', () => ({})],
  ['DeclineOffer', ({ claimId }) => ({ claimId }), async (life) => (await waits(life), offers(life))],
  ['AcceptOffer', ({ claimId }) => ({ claimId }), offers],
  ['Forward', ({ account }) => ({ to: { kind: 'group', groupId: account.groupId } })],
  ['Resolve', () => ({}), waits],
  ['Reopen', () => ({})],
  ['HandBack', () => ({})],
  ['RequestHandover', () => ({ request: { requestId: 'api:1', priority: 0 } })],
  ['Block', async ({ id }) => ({ blockId: await draftBlock(stack.pool, id, 'spam', null), expiresAt: null })],
  ['Unblock', () => ({})],
];

/** What a command came to, but for what differs from one conversation to the next; a rejection's code in place of the phase. */
interface Told {
  name: CommandName;
  phase: string;
  events: string[];
}

async function goThrough(send: Way): Promise<Told[]> {
  const account = await stack.account({ agents: 2, numbers: { intake: { by: 'none' } } });
  const { conversationId } = await stack.write(account, 'thread', 'a person, please');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  const life: Life = { account, id, agentId: required(account.agentIds[0]), entries: 0, claimId: '' };
  await waits(life);
  const told: Told[] = [];
  for (const [name, payloadOf, before] of course) {
    await before?.(life);
    await allIsDone(life);
    const { agentId } = life;
    const by = { kind: 'supervisor', agentId } as const;
    const payload = { key: `${name}:${uuid()}`, by, agentId, ...(await payloadOf(life)) } as unknown as CommandPayload;
    const outcome = await send(id, name, payload);
    const { phase, events } = outcome.ok ? outcome : { phase: outcome.rejection.code, events: [] };
    told.push({ name, phase, events });
  }
  return told;
}

test('the course goes through every command', () => {
  expect(course.map(([name]) => name).toSorted()).toEqual(commandNames.toSorted());
});

test('every command as a signal comes to what it comes to as an update', async () => {
  const [updated, signalled] = await Promise.all([goThrough(asUpdate), goThrough(asSignal)]);
  expect(signalled).toEqual(updated);
  expect(updated.filter(({ events }) => events.length === 0)).toEqual([]);
});
