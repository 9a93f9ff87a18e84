/** Rows that another build wrote: two builds run side by side during a deploy, and silent conversations keep old rows. */
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actorFormat } from '../../store/actor-state.ts';
import { readActorRow } from '../../store/audit.ts';
import { inAccount, type Pool } from '../../store/connection.ts';
import { readEvents } from '../../store/event-log.ts';
import type { Problem } from '../../worker/audit/chain.ts';
import { foldEvents, verifyFold } from '../../worker/audit/fold.ts';
import { workflowId, type ActorId } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import { expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { openAccount, simulate, type SimulatedAccount, type Simulation } from '../support/simulation.ts';
import { until } from '../support/until.ts';

let stack: ActorStack;
let account: SimulatedAccount;
beforeAll(async () => {
  stack = await startActorStack();
  account = await openAccount(stack.database, { numbers: { intake: { by: 'none' } } });
});
afterAll(async () => {
  await account.close();
  await stack.close();
});

/** `change`: an expression over the row's `state`, as jsonb. */
async function rewrite(pool: Pool, { accountId, conversationId }: ActorId, format: number, change = 'state::jsonb') {
  await inAccount(pool, accountId, (tx) =>
    tx.query(
      `UPDATE actors SET format = $3, state = (${change})::json WHERE account_id = $1 AND conversation_id = $2`,
      [accountId, conversationId, format],
    ),
  );
}

async function rowOf(pool: Pool, { accountId, conversationId }: ActorId) {
  const { rows } = await inAccount(pool, accountId, (tx) =>
    tx.query<{ version: number; seq: number; format: number; state: { state: Record<string, unknown> } }>(
      'SELECT version, seq, format, state FROM actors WHERE account_id = $1 AND conversation_id = $2',
      [accountId, conversationId],
    ),
  );
  return required(rows[0]);
}

describe('a conversation with an agent goes on', () => {
  async function assigned(): Promise<{ simulation: Simulation; agentId: string }> {
    const simulation = await simulate(account);
    const agentId = required(account.account.agentIds[0]);
    simulation.answerBot = () => ({ messages: [], handover: { priority: 0 }, intake: null });
    await simulation.write('a person, please');
    await simulation.finish();
    simulation.send({ type: 'Join', key: uuid(), by: { kind: 'agent', agentId }, agentId });
    await simulation.settle();
    return { simulation, agentId };
  }

  test('from a row that lacks what came later', async () => {
    const { simulation, agentId } = await assigned();
    const { id, pool } = simulation;
    const lacking = ['takenBack', 'deskNotices', 'count,deskNotice', 'policy,delivery'];
    await rewrite(pool, id, actorFormat, `state::jsonb ${lacking.map((path) => `#- '{state,${path}}'`).join(' ')}`);
    await simulation.restart();
    await simulation.write('hello?');
    const messageId = await simulation.draft('Good morning');
    simulation.send({ type: 'Reply', key: uuid(), by: { kind: 'agent', agentId }, agentId, messageId });
    await simulation.finish();
    expect(simulation.deliveries.map(({ text }) => text)).toContain('Good morning');
    await expectInvariants(pool, id);
  });

  test('from a row of the next build, whose own fields stay', async () => {
    const { simulation } = await assigned();
    const { id, pool } = simulation;
    const { format } = await rowOf(pool, id);
    expect(format).toBe(actorFormat);
    await rewrite(pool, id, actorFormat + 1, `jsonb_set(state::jsonb, '{state,later}', '"theirs"')`);
    await simulation.restart();
    await simulation.write('hello?');
    await simulation.finish();
    const after = await rowOf(pool, id);
    expect(after).toMatchObject({
      format: actorFormat,
      state: { state: { later: 'theirs', phase: { name: 'assigned' } } },
    });
  });
});

test('an audit reads rows as an actor does, and says so where it can’t', async () => {
  const simulation = await simulate(account);
  await simulation.write('hello');
  await simulation.finish();
  const { id, pool } = simulation;
  const verified = (): Promise<Problem[]> =>
    inAccount(pool, id.accountId, async (tx) => {
      const events = await readEvents(tx, id.accountId, id.conversationId);
      return verifyFold(foldEvents(events), await readActorRow(tx, id.accountId, id.conversationId));
    });
  await rewrite(pool, id, actorFormat + 1, `state::jsonb #- '{state,deskNotices}'`);
  expect(await verified()).toEqual([]);
  await rewrite(pool, id, actorFormat + 2);
  expect(await verified()).toMatchObject([{ says: expect.stringContaining('of a format') as string }]);
});

test('a row newer than that is refused by name, and all waits for a build that can read it', async () => {
  const sender = await stack.account();
  await stack.startWorker();
  const id = {
    accountId: sender.accountId,
    conversationId: required((await stack.write(sender, 'ann', 'hello')).conversationId),
  };
  await stack.caughtUp(id);
  await stack.sees(id, 'BotTurnAnswered');
  const handle = stack.temporal.client.getHandle(workflowId(id));
  await handle.terminate();
  await rewrite(stack.pool, id, actorFormat + 2);
  const before = await rowOf(stack.pool, id);

  await stack.write(sender, 'ann', 'are you there?');
  await until(async () => {
    const { raw } = await handle.describe();
    const failures = raw.pendingActivities?.map(({ lastFailure }) => lastFailure?.applicationFailureInfo?.type) ?? [];
    return failures.includes(`actor-format-${actorFormat + 2}`);
  });
  expect(await rowOf(stack.pool, id)).toEqual(before);

  await rewrite(stack.pool, id, actorFormat);
  await stack.caughtUp(id);
  expect((await stack.events(id)).filter(({ type }) => type === 'CustomerMessageAccepted')).toHaveLength(2);
  await expectInvariants(stack.pool, id);
});
