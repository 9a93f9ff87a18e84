import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { openAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';

let database: TestDatabase;
let account: SimulatedAccount;

beforeAll(async () => {
  database = await createTestDatabase();
  account = await openAccount(database, { numbers: { intake: { by: 'none' } } });
});
afterAll(async () => {
  await account.close();
  await database.drop();
});

async function queued(): Promise<Simulation> {
  const simulation = await simulate(account);
  simulation.answerBot = () => ({ messages: [], handover: { priority: 0 }, intake: null });
  await simulation.write('a person, please');
  await simulation.finish();
  return simulation;
}

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
  ['no sender', { type: 'Join', agentId: uuid(), by: undefined }],
  ['a time that is none', { type: 'Tag', add: [uuid()], remove: [], at: 'yesterday' }],
];

test.each(poisonous)('R10: a command with %s holds nothing up: what comes after it is taken', async (_, poison) => {
  const simulation = await queued();
  const agentId = required(simulation.account.agentIds[0]);
  const by = { kind: 'supervisor', agentId } as const;
  simulation.send({ by, key: uuid(), ...poison } as Command);
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
  const simulation = await queued();
  const key = uuid();
  const by = { kind: 'agent', agentId: 'nobody' } as const;
  simulation.send({ type: 'Join', key, by, agentId: 'nobody' });
  await simulation.settle();
  expect(simulation.outcomes.get(key)).toMatchObject({ ok: false, rejection: { code: 'parked' } });
  expect(await flagged(simulation)).toBe(true);
});
