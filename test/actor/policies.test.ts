import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import type { ActorId, Outcome } from '../../workflows/conversation/messages.ts';
import type { AccountOptions, SeededAccount } from '../support/account.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { addGroup, publishPolicy, setGroupNumbers } from '../support/conversation-rows.ts';
import { expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';

let stack: ActorStack;
beforeAll(async () => {
  stack = await startActorStack();
  await stack.startWorker();
  stack.bot.answer = ({ event }) => ({
    messages: [],
    handover: event.type === 'messages' ? { priority: 0 } : null,
    intake: null,
  });
});
afterAll(() => stack.close());

const minute = 60_000;

async function queued(account: SeededAccount): Promise<ActorId> {
  const { conversationId } = await stack.write(account, uuid(), 'a person, please');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  await stack.sees(id, 'ConversationQueued');
  return id;
}

/** An account whose own group assigns automatically; the id of a second one, in which agents join. */
async function twoGroups(numbers: AccountOptions['numbers'] = {}): Promise<SeededAccount & { manualId: string }> {
  const account = await stack.account({ numbers: { intake: { by: 'none' }, ...numbers } });
  const { accountId, groupId, agentIds } = account;
  await inAccount(stack.pool, accountId, (tx) =>
    setGroupNumbers(tx, accountId, groupId, { assignment: 'automatic', firstReplyMs: 9 * minute }),
  );
  const manualId = await addGroup(stack.pool, accountId, required(agentIds[0]), { firstReplyMs: 4 * minute });
  return { ...account, manualId };
}

function act(id: ActorId, agentId: string, type: Command['type'], more: object = {}): Promise<Outcome> {
  const by = { kind: type === 'Assign' ? ('supervisor' as const) : ('agent' as const), agentId };
  return stack.commands.execute(id, type, { key: uuid(), by, agentId, ...more } as never);
}

test('S1-6, S1-2: who may join a forwarded chat is its new group’s to say, and so is the time for a first reply', async () => {
  const account = await twoGroups();
  const { groupId, manualId } = account;
  const agentId = required(account.agentIds[0]);
  const id = await queued(account);
  const automatic = { ok: false, rejection: { code: 'auto-assignment-enabled' } };
  expect(await act(id, agentId, 'Join')).toMatchObject(automatic);
  expect(await act(id, agentId, 'Assign', { override: false })).toMatchObject({ ok: true });
  expect(await act(id, agentId, 'Forward', { to: { kind: 'group', groupId: manualId } })).toMatchObject({ ok: true });
  expect(await act(id, agentId, 'Join')).toMatchObject({ ok: true, phase: 'assigned' });
  expect((await stack.state(id))?.policy.firstReplyMs).toBe(4 * minute);
  expect(await act(id, agentId, 'Forward', { to: { kind: 'group', groupId } })).toMatchObject({ ok: true });
  expect(await act(id, agentId, 'Join')).toMatchObject(automatic);
  await expectInvariants(stack.pool, id);
});

test('S1-6: a forward to a group that is not there is refused, and nothing has changed', async () => {
  const account = await twoGroups();
  const agentId = required(account.agentIds[0]);
  const id = await queued(account);
  expect(await act(id, agentId, 'Assign', { override: false })).toMatchObject({ ok: true });
  const refused = await act(id, agentId, 'Forward', { to: { kind: 'group', groupId: uuid() } });
  expect(refused).toMatchObject({ ok: false, rejection: { code: 'group-unknown' } });
  expect((await stack.state(id))?.phase).toMatchObject({ name: 'assigned', owner: { agentId } });
});

test('a new version reaches who waits and who is served, as that of their group', async () => {
  const account = await twoGroups();
  const { accountId, manualId } = account;
  const agentId = required(account.agentIds[0]);
  const [waits, served] = [await queued(account), await queued(account)];
  await act(served, agentId, 'Assign', { override: false });
  await act(served, agentId, 'Forward', { to: { kind: 'group', groupId: manualId } });
  await publishPolicy(stack.pool, accountId, { maxTransfers: 3 });
  for (const id of [waits, served]) {
    await stack.sees(id, 'PolicyApplied');
    expect((await stack.state(id))?.policy).toMatchObject({ version: 2, maxTransfers: 3 });
    await expectInvariants(stack.pool, id);
  }
  expect(await act(served, agentId, 'Join')).toMatchObject({ ok: true });
  expect((await stack.state(served))?.policy.firstReplyMs).toBe(4 * minute);
});

test('R11: no session that begins beside a new version, and no hand-over that is routed beside it, misses it', async () => {
  const account = await twoGroups();
  const { accountId } = account;
  const written = Array.from({ length: 24 }, async (_, nth) => {
    const { conversationId } = await stack.write(account, `beside-${nth}`, 'a person, please');
    return { accountId, conversationId: required(conversationId) };
  });
  for (const maxTransfers of [2, 3, 4, 5, 6, 7]) await publishPolicy(stack.pool, accountId, { maxTransfers });
  for (const id of await Promise.all(written)) {
    await stack.sees(id, 'ConversationQueued');
    await stack.caughtUp(id);
    const state = required((await stack.state(id)) ?? undefined);
    expect([state.policy.version, state.accountPolicy.version]).toEqual([7, 7]);
    await expectInvariants(stack.pool, id);
  }
});
