import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setLease, setStatus } from '../../store/agents.ts';
import { announceGone, lockPresence } from '../../store/availability.ts';
import { inAccount } from '../../store/connection.ts';
import { sweepClosings } from '../../worker/closing-sweep.ts';
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

describe('S2-3, S2-4, B-15: who waits when the hours of their group end by the clock', () => {
  const [minute, hour] = [60_000, 3_600_000];
  /** A Monday. */
  const closes = Date.UTC(2026, 0, 5, 17);
  const hours = {
    timeZone: 'UTC',
    days: { mon: [{ from: '09:00', to: '17:00' }], tue: [{ from: '09:00', to: '17:00' }] },
  };

  beforeEach(() =>
    inAccount(account.pool, account.account.accountId, (tx) =>
      tx.query('UPDATE groups SET hours = $2 WHERE account_id = $1', [account.account.accountId, hours]),
    ),
  );

  async function queuedAt(startAt: number): Promise<Simulation> {
    const simulation = await askingForAPerson(account, { startAt });
    await simulation.finish();
    expect(simulation.actor.state.phase.name).toBe('queued');
    return simulation;
  }

  /** How many rows came of a sweep at that time. */
  async function sweep(simulation: Simulation, at: number): Promise<number> {
    simulation.passTo(at);
    await sweepClosings({ pool: account.workerPool, clock: () => at });
    return hear(simulation, new Date(at));
  }

  test('is told, as soon as nobody can come to wait any more who was let in before, and once', async () => {
    const simulation = await queuedAt(closes - hour);
    expect(await sweep(simulation, closes + 14_999)).toBe(0);
    expect(told(simulation)).toEqual([]);
    expect(await sweep(simulation, closes + 15_000)).toBe(1);
    expect(told(simulation)).toEqual(['out-of-hours']);
    expect(await sweep(simulation, closes + 20_000)).toBe(0);
    await expectInvariants(simulation.pool, simulation.id);
  });

  test('is told also where they came a moment before, and somebody else a moment after', async () => {
    const before = await queuedAt(closes - 1);
    const after = await queuedAt(closes);
    expect(told(after)).toEqual(['out-of-hours']);
    expect(await sweep(before, closes + minute)).toBe(1);
    expect(told(before)).toEqual(['out-of-hours']);
  });

  test('was told as they came, where that was after hours', async () => {
    const simulation = await queuedAt(closes + 2 * minute);
    expect(told(simulation)).toEqual(['out-of-hours']);
    expect(await sweep(simulation, closes + hour)).toBe(0);
  });

  test('is told by one of several workers', async () => {
    const simulation = await queuedAt(closes - hour);
    const at = closes + minute;
    simulation.passTo(at);
    await Promise.all([1, 2, 3].map(() => sweepClosings({ pool: account.workerPool, clock: () => at })));
    expect(await hear(simulation, new Date(at))).toBe(1);
  });

  test('is told at the next closing, where they came after the last one', async () => {
    const first = await queuedAt(closes - hour);
    expect(await sweep(first, closes + minute)).toBe(1);
    const nextDay = 24 * hour;
    const second = await queuedAt(closes + nextDay - hour);
    expect(await sweep(second, closes + nextDay - minute)).toBe(0);
    expect(await sweep(second, closes + nextDay + minute)).toBe(1);
    expect(told(second)).toEqual(['out-of-hours']);
  });
});
