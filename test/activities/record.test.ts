/** Two runs of one actor that know nothing of each other, as after a worker that was thought dead: the record decides. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drain } from '../../workflows/actor/actor.ts';
import type { Command } from '../../workflows/conversation/inputs.ts';
import { expectInvariants } from '../support/invariants.ts';
import { queued } from '../support/queued.ts';
import { required } from '../support/required.ts';
import { openOwnAccount, type SimulatedAccount } from '../support/simulation.ts';

let account: SimulatedAccount;
beforeAll(async () => {
  account = await openOwnAccount({ numbers: { intake: { by: 'none' } }, agents: 2 });
});
afterAll(() => account.close());

function join(agentId: string): Command {
  return { type: 'Join', key: uuid(), by: { kind: 'agent', agentId }, agentId };
}

test('S4-4: of two joins decided from the same state, the first recorded wins, and the other is told who has the chat', async () => {
  const simulation = await queued(account);
  const [anna, bert] = [required(account.account.agentIds[0]), required(account.account.agentIds[1])];
  const one = simulation.actor;
  await simulation.restart();
  const other = simulation.actor;
  expect(other.stored.version).toBe(one.stored.version);

  const answers = [one.command('Join', join(anna)), other.command('Join', join(bert))];
  await Promise.all([drain(one), drain(other)]);
  const outcomes = await Promise.all(answers);
  const winner = outcomes.findIndex(({ ok }) => ok);
  expect(outcomes[1 - winner]).toMatchObject({
    ok: false,
    rejection: { code: 'taken', ownerId: [anna, bert][winner] },
  });
  expect(one.state).toEqual(other.state);
  await expectInvariants(simulation.pool, simulation.id);
});
