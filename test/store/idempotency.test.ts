/** B-7, R24: the outcome of a key is written once, whoever comes first; whoever comes second answers what is stored. */
import { v7 as uuid } from 'uuid';
import { describe, expect, test } from 'vitest';
import { inAccount } from '../../store/connection.ts';
import { keepOutcome, type KeptOutcome } from '../../store/idempotency.ts';
import { recordDecision, type DecisionAnswer } from '../../store/record.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { seedAccount } from '../support/account.ts';
import { newConversation } from '../support/conversation-rows.ts';
import { somebodyWaits } from '../support/lock-waits.ts';
import { decision, givenTo, now, readAll } from './decision.ts';
import { required } from '../support/required.ts';
import { withDatabase } from '../support/with-database.ts';

const pools = withDatabase('api', 'worker', 'arranger');

const rolledBack = new Error('rolled back');
const refusal = { ok: false, rejection: { code: 'taken', reason: 'somebody else has the conversation', allowed: [] } };
const accepted = { ok: true, version: 0 };

async function chat(): Promise<{ id: ActorId; key: string; agentId: string }> {
  const account = await seedAccount(pools.arranger);
  return { id: await newConversation(pools.arranger, account), key: uuid(), agentId: required(account.agentIds[0]) };
}

/** The API has stored an outcome and not committed it; the record runs; then the API ends as `end` says. */
async function recordMeetsApi({ id, key, agentId }: Awaited<ReturnType<typeof chat>>, end: () => void) {
  let recording: Promise<DecisionAnswer> | undefined;
  await inAccount(pools.api, id.accountId, async (tx) => {
    await keepOutcome(tx, id.accountId, { key, digest: 'd', outcome: refusal, at: new Date(now) });
    const command = { key, keyDigest: 'd', outcome: accepted };
    recording = recordDecision(pools.worker, decision(id, { ...givenTo(agentId), ...command }));
    await somebodyWaits(pools.admin);
    end();
  }).catch((error: unknown) => {
    if (error !== rolledBack) throw error;
  });
  return required(recording);
}

describe('a record meets an outcome that the API stores at the same moment', () => {
  test('the API’s counts: the record answers it, and has done nothing', async () => {
    const one = await chat();
    const before = await readAll(pools.arranger, one.id);
    const answer = await recordMeetsApi(one, () => undefined);
    expect(answer).toMatchObject({ kind: 'repeated', outcome: refusal, row: { version: 0 } });
    const after = await readAll(pools.arranger, one.id);
    expect(after).toEqual({ ...before, idempotency: [expect.objectContaining({ outcome: refusal })] });
  });

  test('the API’s comes to nothing: the record’s counts', async () => {
    const one = await chat();
    const answer = await recordMeetsApi(one, () => {
      throw rolledBack;
    });
    expect(answer).toMatchObject({ kind: 'recorded', version: 1 });
  });
});

test('the API meets an outcome that a record stores at the same moment, and answers it', async () => {
  const { id, key } = await chat();
  let kept: Promise<KeptOutcome> | undefined;
  await inAccount(pools.worker, id.accountId, async (tx) => {
    const record = decision(id, { key, keyDigest: 'd', outcome: accepted });
    await tx.query('SELECT record_decision($1::jsonb)', [JSON.stringify(record)]);
    const mine = { key, digest: 'd', outcome: refusal, at: new Date(now) };
    kept = inAccount(pools.api, id.accountId, (other) => keepOutcome(other, id.accountId, mine));
    await somebodyWaits(pools.admin);
  });
  expect(await kept).toEqual({ digest: 'd', outcome: { ok: true, version: 1 } });
});

test('a record meets one of another conversation with the same key: it answers what that one decided', async () => {
  const account = await seedAccount(pools.arranger);
  const [first, second] = [
    await newConversation(pools.arranger, account),
    await newConversation(pools.arranger, account),
  ];
  const command = { key: uuid(), keyDigest: 'd', outcome: accepted };
  let answer: Promise<DecisionAnswer> | undefined;
  await inAccount(pools.worker, account.accountId, async (tx) => {
    await tx.query('SELECT record_decision($1::jsonb)', [JSON.stringify(decision(first, command))]);
    answer = recordDecision(pools.worker, decision(second, command));
    await somebodyWaits(pools.admin);
  });
  expect(await answer).toMatchObject({ kind: 'repeated', outcome: { ok: true, version: 1 }, row: { version: 0 } });
});
