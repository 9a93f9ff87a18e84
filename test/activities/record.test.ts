/** Two runs of one actor that know nothing of each other, as after a worker that was thought dead: the record decides. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { openAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';

let database: TestDatabase;
let account: SimulatedAccount;
beforeAll(async () => {
  database = await createTestDatabase();
  account = await openAccount(database, { numbers: { intake: { by: 'none' } }, agents: 2 });
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
  expect(simulation.actor.state.phase.name).toBe('queued');
  return simulation;
}

function join(agentId: string): Command {
  return { type: 'Join', key: uuid(), by: { kind: 'agent', agentId }, agentId };
}

async function settle(actor: Simulation['actor']): Promise<void> {
  while (actor.hasWork()) await actor.step();
}

test('S4-4: of two joins decided from the same state, the first recorded wins, and the other is told who has the chat', async () => {
  const simulation = await queued();
  const [anna, bert] = [required(account.account.agentIds[0]), required(account.account.agentIds[1])];
  const one = simulation.actor;
  await simulation.restart();
  const other = simulation.actor;
  expect(other.stored.version).toBe(one.stored.version);

  const answers = [one.command('Join', join(anna)), other.command('Join', join(bert))];
  await Promise.all([settle(one), settle(other)]);
  const outcomes = await Promise.all(answers);
  const winner = outcomes.findIndex(({ ok }) => ok);
  expect(outcomes[1 - winner]).toMatchObject({
    ok: false,
    rejection: { code: 'taken', ownerId: [anna, bert][winner] },
  });
  expect(one.state).toEqual(other.state);
  await expectInvariants(simulation.pool, simulation.id);
});
