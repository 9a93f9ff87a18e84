import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { setLease } from '../../store/agents.ts';
import { inAccount } from '../../store/connection.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { bySupervisor, queued } from '../support/queued.ts';
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
