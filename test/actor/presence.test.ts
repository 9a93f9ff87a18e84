import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { setLease, setStatus } from '../../store/agents.ts';
import { announceGone, lockPresence } from '../../store/availability.ts';
import { inAccount } from '../../store/connection.ts';
import { sweepPresence } from '../../worker/presence-sweep.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { tellAll } from '../support/announcements.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { advanceTo, askingForAPerson, bySupervisor, queued } from '../support/queued.ts';
import { required } from '../support/required.ts';
import { openAccount, type SimulatedAccount, type Simulation } from '../support/simulation.ts';

let database: TestDatabase;
let account: SimulatedAccount;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  account = await openAccount(database, { numbers: { intake: { by: 'none' } } });
  return () => account.close();
});

async function act(simulation: Simulation, type: Command['type'], more: object = {}): Promise<unknown> {
  const command = bySupervisor(simulation, type, more);
  simulation.send(command);
  await simulation.finish();
  return simulation.outcomes.get(command.key);
}

function loseLease(agentId: string): Promise<void> {
  const { accountId } = account.account;
  return inAccount(account.pool, accountId, (tx) => setLease(tx, accountId, agentId, new Date(Date.now() - 60_000)));
}

test('a customer who comes back to an agent whose client is long gone waits in the queue, and not for nobody', async () => {
  const simulation = await queued(account);
  await act(simulation, 'Join');
  await act(simulation, 'Resolve');
  await loseLease(required(account.account.agentIds[0]));
  await simulation.write('one more thing');
  await simulation.finish();
  expect(simulation.actor.state.phase.name).toBe('queued');
  await expectInvariants(simulation.pool, simulation.id);
});

test('nobody is given a chat whose client lost its lease, but by a supervisor’s override; who takes one up is there', async () => {
  const simulation = await queued(account);
  const agentId = required(account.account.agentIds[1]);
  await loseLease(agentId);
  const refused = await act(simulation, 'Assign', { agentId, override: false });
  expect(refused).toMatchObject({ ok: false, rejection: { code: 'agent-offline' } });
  expect(await act(simulation, 'Assign', { agentId, override: true })).toMatchObject({ ok: true });
  await act(simulation, 'Unassign');
  expect(await act(simulation, 'Join', { agentId })).toMatchObject({ ok: true, phase: 'assigned' });
  await expectInvariants(simulation.pool, simulation.id);
});

/** As the API does it: nobody who goes overlooks who waits for nobody else. */
async function goesOffline(agentId: string): Promise<void> {
  const { accountId, groupId } = account.account;
  await inAccount(account.pool, accountId, async (tx) => {
    await lockPresence(tx, accountId);
    await setStatus(tx, accountId, agentId, 'offline');
    await announceGone(tx, accountId, { left: null, groupIds: [groupId], at: new Date() });
  });
}

/** How many rows came of what was announced. */
async function hear(simulation: Simulation, at = new Date()): Promise<number> {
  const before = simulation.actor.stored.seq;
  await tellAll(account.pool, account.account.accountId, { at });
  await simulation.finish();
  return simulation.actor.stored.seq - before;
}

const told = (simulation: Simulation): readonly string[] => simulation.actor.state.handover?.told ?? [];

test('S2-4: who waits is told when the last agent goes, and not before, however many go at once', async () => {
  const simulation = await queued(account);
  const [anna, bert] = [required(account.account.agentIds[0]), required(account.account.agentIds[1])];
  await goesOffline(anna);
  expect(await hear(simulation)).toBe(0);
  await inAccount(account.pool, account.account.accountId, (tx) =>
    setStatus(tx, account.account.accountId, anna, 'online'),
  );
  await Promise.all([goesOffline(anna), goesOffline(bert)]);
  expect(told(simulation)).toEqual([]);
  expect(await hear(simulation)).toBe(1);
  expect(told(simulation)).toEqual(['all-offline']);
  await expectInvariants(simulation.pool, simulation.id);
});

test('S2-4: an agent whose client is gone without a word is missed after the grace, once', async () => {
  const simulation = await queued(account);
  const { accountId, agentIds } = account.account;
  const leaseUntil = Date.now();
  for (const agentId of agentIds) {
    await inAccount(account.pool, accountId, (tx) => setLease(tx, accountId, agentId, new Date(leaseUntil)));
  }
  const sweep = async (after: number): Promise<number> => {
    await sweepPresence({ pool: account.pool, clock: () => leaseUntil + after });
    return hear(simulation, new Date(leaseUntil + after));
  };
  expect(await sweep(29_999)).toBe(0);
  expect(await sweep(30_000)).toBe(1);
  expect(await sweep(90_000)).toBe(0);
  const { rows } = await inAccount(account.pool, accountId, (tx) =>
    tx.query('SELECT because FROM presence_changes WHERE account_id = $1', [accountId]),
  );
  expect(rows).toEqual([{ because: 'lease-lost' }, { because: 'lease-lost' }]);
  await expectInvariants(simulation.pool, simulation.id);
});

test('S2-4: a chat that is queued at the moment at which the last agent goes is not left to wait in silence', async () => {
  const simulation = await askingForAPerson(account);
  // Routed while somebody was there; the answer lies in hand.
  await advanceTo(simulation, 'RouteHandover');
  for (const agentId of account.account.agentIds) await goesOffline(agentId);
  await tellAll(account.pool, account.account.accountId);
  await simulation.finish();
  expect(simulation.actor.state.phase.name).toBe('queued');
  expect(told(simulation)).toEqual(['all-offline']);
  await expectInvariants(simulation.pool, simulation.id);
});
