import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import type { InboxRow } from '../../workflows/conversation/messages.ts';
import { readCommand } from '../../workflows/conversation/readable.ts';
import { expectInvariants } from '../support/invariants.ts';
import { bySupervisor, queued } from '../support/queued.ts';
import { required } from '../support/required.ts';
import { openOwnAccount, type SimulatedAccount, type Simulation } from '../support/simulation.ts';

let account: SimulatedAccount;

beforeAll(async () => {
  account = await openOwnAccount({ maxChats: 100, numbers: { intake: { by: 'none' } } });
});
afterAll(() => account.close());

async function flagged({ pool, id }: Simulation): Promise<boolean> {
  const { rows } = await inAccount(pool, id.accountId, (tx) =>
    tx.query<{ flagged: boolean }>('SELECT flagged FROM conversations WHERE account_id = $1 AND id = $2', [
      id.accountId,
      id.conversationId,
    ]),
  );
  return required(rows[0]).flagged;
}

/** What anybody with a Temporal client can signal. */
const poisonous: [what: string, command: object][] = [
  ['an agent who is no id', { type: 'Join', agentId: 'nobody', by: { kind: 'agent', agentId: 'nobody' } }],
  ['a tag that is no id', { type: 'Tag', add: ['urgent'], remove: [] }],
  ['a block until a time that no calendar has', { type: 'Block', blockId: uuid(), expiresAt: 1e300 }],
  ['a group that is none', { type: 'Forward', to: { kind: 'moon' } }],
  ['no block', { type: 'Block', expiresAt: null }],
  ['more tags than anybody has', { type: 'Tag', add: Array.from({ length: 5_000 }, () => uuid()), remove: [] }],
  ['an agent whose id is a book', { type: 'Join', agentId: 'x'.repeat(1_000_000) }],
  ['a priority that is none', { type: 'RequestHandover', request: { requestId: 'api:1', priority: 1e300 } }],
  ['a time that has not come', { type: 'Tag', add: [uuid()], remove: [], at: Date.now() + 400 * 24 * 3_600_000 }],
  ['a time that no calendar has', { type: 'Tag', add: [uuid()], remove: [], at: 1e300 }],
  ['no sender', { type: 'Join', agentId: uuid(), by: undefined }],
  ['a time that is none', { type: 'Tag', add: [uuid()], remove: [], at: 'yesterday' }],
];

test.each(poisonous)('R10: a command with %s holds nothing up: what comes after it is taken', async (_, poison) => {
  const simulation = await queued(account);
  const agentId = required(simulation.account.agentIds[0]);
  const by = { kind: 'supervisor', agentId } as const;
  const { type, ...payload } = { by, key: uuid(), ...poison } as Command;
  simulation.send(readCommand(type, payload));
  await simulation.settle();
  await simulation.write('still there?');
  const join = { type: 'Join', key: uuid(), by, agentId } as const;
  simulation.send(join);
  await simulation.finish();
  expect(simulation.outcomes.get(join.key)).toMatchObject({ ok: true, phase: 'assigned' });
  const events = await expectInvariants(simulation.pool, simulation.id);
  expect(events.filter(({ type }) => type === 'CustomerMessageAccepted')).toHaveLength(2);
});

test('R10: a command whose values Postgres refuses is parked, and people see it', async () => {
  const simulation = await queued(account);
  const key = uuid();
  const by = { kind: 'agent', agentId: 'nobody' } as const;
  simulation.send({ type: 'Join', key, by, agentId: 'nobody' });
  await simulation.settle();
  expect(simulation.outcomes.get(key)).toMatchObject({ ok: false, rejection: { code: 'parked' } });
  expect(await flagged(simulation)).toBe(true);
});

/** Of these the shell reads facts of a queue before they are decided. */
const unaskable: [what: string, command: object][] = [
  ['of nobody', { type: 'Unassign', by: undefined }],
  ['to nobody', { type: 'Forward', to: undefined }],
  ['to a group that is no id', { type: 'Forward', to: { kind: 'group', groupId: 'nobody' } }],
  ['to a group whose id is no text', { type: 'Forward', to: { kind: 'group', groupId: { id: 7 } } }],
];

test.each(unaskable)(
  'R10: a command %s is parked where an agent has the chat, and holds nothing up',
  async (_, poison) => {
    const simulation = await queued(account);
    simulation.send(bySupervisor(simulation, 'Join'));
    await simulation.settle();
    expect(simulation.actor.state.phase.name).toBe('assigned');
    const { type, ...payload } = bySupervisor(simulation, 'Unassign', poison);
    simulation.actor.signal(type, readCommand(type, payload));
    await simulation.settle();
    expect(await flagged(simulation)).toBe(true);
    const resolve = bySupervisor(simulation, 'Resolve');
    simulation.send(resolve);
    await simulation.finish();
    expect(simulation.outcomes.get(resolve.key)).toMatchObject({ ok: true, phase: 'resolved' });
  },
);

/** What came in a place of the inbox, instead of the message that stands there. */
const forged: [what: string, row: object][] = [
  ['of no type that there is', { type: 'Nonsense' }],
  ['of a message that is not named', { type: 'CustomerWrote' }],
  ['of a desk that is not named', { type: 'DeskTook', personId: null }],
];

test.each(forged)('R10: a row %s is parked in its place, and no words are lost by it', async (_, row) => {
  const simulation = await queued(account);
  const seq = await simulation.write('still there?');
  simulation.actor.deliver([{ seq, at: Date.now(), ...row } as InboxRow]);
  await simulation.settle();
  expect(await flagged(simulation)).toBe(true);
  const { rows } = await inAccount(simulation.pool, simulation.id.accountId, (tx) =>
    tx.query<{ seq: number }>('SELECT seq FROM parked WHERE conversation_id = $1', [simulation.id.conversationId]),
  );
  expect(rows).toEqual([{ seq }]);
});

test('R10: a row of a time that has not come fires no deadline', async () => {
  const simulation = await queued(account);
  const seq = await simulation.put('CustomerCancelled', {});
  simulation.actor.deliver([{ seq, at: 8.64e15, type: 'PolicyChanged' }]);
  await simulation.finish();
  expect(simulation.actor.state.phase.name).toBe('queued');
});

test.each([undefined, null, 'text', 7, [1], { key: { a: 1 } }, { key: 'a\u0000b' }, { key: 'k'.repeat(1_000_000) }])(
  'R10: a command that is addressed by nothing (%#) has no key, and is parked',
  async (payload) => {
    const simulation = await queued(account);
    simulation.actor.signal('Resolve', readCommand('Resolve', payload));
    await simulation.finish();
    expect(await flagged(simulation)).toBe(true);
    expect(simulation.actor.state.phase.name).toBe('queued');
  },
);

test('what addresses a command comes through as it was sent, and facts of the shell don’t', () => {
  const payload = { key: 'k', keyDigest: 'd', at: 5, after: 7, by: { kind: 'engine' }, agentId: 'a' };
  const command = readCommand('Join', { ...payload, context: { policy: null }, refused: 'taken', type: 'Resolve' });
  expect(command).toEqual({ ...payload, type: 'Join' });
});
