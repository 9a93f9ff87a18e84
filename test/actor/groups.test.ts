import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { inAccount, type Transaction } from '../../store/connection.ts';
import { deleteGroup, lockGroup, usesOfGroup } from '../../store/groups.ts';
import { addDesk, addGroup } from '../support/conversation-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectInvariants } from '../support/invariants.ts';
import { advanceTo, askingForAPerson, bySupervisor, queued } from '../support/queued.ts';
import { required } from '../support/required.ts';
import { openAccount, type SimulatedAccount } from '../support/simulation.ts';
import { until } from '../support/until.ts';

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

/** How many wait for a lock that this transaction holds. */
async function waitingFor(tx: Transaction): Promise<number> {
  const { rows } = await tx.query<{ no: number }>(
    'SELECT count(*)::integer AS no FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))',
  );
  return required(rows[0]).no;
}

test('a chat that goes to a group while it is being removed does not come to wait where nobody looks', async () => {
  const simulation = await askingForAPerson(account);
  await advanceTo(simulation, 'RouteHandover');
  const { accountId, groupId } = account.account;
  let settled: Promise<void> | undefined;
  await inAccount(simulation.pool, accountId, async (tx) => {
    await lockGroup(tx, accountId, groupId);
    expect(await usesOfGroup(tx, accountId, groupId)).toMatchObject({ waiting: 0 });
    settled = simulation.settle();
    await until(async () => (await waitingFor(tx)) > 0);
    await deleteGroup(tx, accountId, groupId, new Date());
  });
  await settled;
  expect(simulation.actor.state.phase.name).toBe('bot');
  const events = await expectInvariants(simulation.pool, simulation.id);
  expect(events.map(({ type }) => type)).toContain('HandoverFailed');
});

test('a chat whose group an outside hand removed is answered all the same, and leaves the queue', async () => {
  const simulation = await queued(account);
  const { accountId, groupId, agentIds } = account.account;
  await inAccount(simulation.pool, accountId, (tx) => deleteGroup(tx, accountId, groupId, new Date()));
  await simulation.write('still there?');
  await simulation.finish();
  const assign = bySupervisor(simulation, 'Assign', { agentId: agentIds[1], override: false });
  simulation.send(assign);
  await simulation.finish();
  expect(simulation.outcomes.get(assign.key)).toMatchObject({ ok: true, phase: 'assigned' });
  const events = await expectInvariants(simulation.pool, simulation.id);
  expect(events.filter(({ type }) => type === 'CustomerMessageAccepted')).toHaveLength(2);
});

test('who forwards to a group that is gone is told so, also where the chat came from that group', async () => {
  const simulation = await queued(account);
  const { accountId, groupId, agentIds } = account.account;
  simulation.send(bySupervisor(simulation, 'Assign', { override: false }));
  await simulation.settle();
  // It would stand in for whoever names none.
  const other = await addGroup(simulation.pool, accountId, required(agentIds[0]));
  await inAccount(simulation.pool, accountId, async (tx) => {
    await tx.query('UPDATE channels SET group_id = $2 WHERE account_id = $1', [accountId, other]);
    await deleteGroup(tx, accountId, groupId, new Date());
  });
  const forward = bySupervisor(simulation, 'Forward', { to: { kind: 'group', groupId } });
  simulation.send(forward);
  await simulation.finish();
  expect(simulation.outcomes.get(forward.key)).toMatchObject({ ok: false, rejection: { code: 'group-unknown' } });
  expect(simulation.actor.state.phase.name).toBe('assigned');
  await expectInvariants(simulation.pool, simulation.id);
});

test('a hand-over that goes on under a new number has the answers of the intake', async () => {
  const simulation = await queued(account);
  const { accountId, conversationId } = simulation.id;
  const deskId = await addDesk(simulation.pool, accountId);
  await inAccount(simulation.pool, accountId, (tx) =>
    tx.query(
      `INSERT INTO intake_answers (account_id, conversation_id, handover, name, value, answered_at)
       VALUES ($1, $2, 1, 'order', '4711', now())`,
      [accountId, conversationId],
    ),
  );
  const takes = async (handover: number): Promise<void> => {
    await simulation.put('DeskAccepted', { deskId, handover, personId: null });
    await simulation.hand(simulation.actor.stored.seq + 1);
    await simulation.settle();
  };
  simulation.send(bySupervisor(simulation, 'Assign', { override: false }));
  await simulation.settle();
  simulation.send(bySupervisor(simulation, 'Forward', { to: { kind: 'desk', deskId } }));
  await simulation.settle();
  await takes(1);
  expect(simulation.actor.state.phase).toMatchObject({ name: 'assigned', owner: { kind: 'desk' } });
  simulation.send(bySupervisor(simulation, 'Assign', { override: false }));
  await simulation.settle();
  simulation.send(bySupervisor(simulation, 'Forward', { to: { kind: 'desk', deskId } }));
  await simulation.settle();
  expect(simulation.actor.state.handover?.no).toBe(2);
  const { rows } = await inAccount(simulation.pool, accountId, (tx) =>
    tx.query('SELECT handover, name, value FROM intake_answers WHERE account_id = $1 AND conversation_id = $2', [
      accountId,
      conversationId,
    ]),
  );
  expect(rows).toContainEqual({ handover: 2, name: 'order', value: '4711' });
  await expectInvariants(simulation.pool, simulation.id);
});
