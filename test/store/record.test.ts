import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { announcePolicy } from '../../store/announcements.ts';
import { createPool, inAccount, type Pool, type Transaction } from '../../store/connection.ts';
import { readAvailability } from '../../store/handovers.ts';
import { lockPolicies } from '../../store/policy-versions.ts';
import { recordDecision, type DecisionRecord } from '../../store/record.ts';
import { storeBotAnswer } from '../../store/turns.ts';
import type { ActorId } from '../../workflows/conversation/messages.ts';
import { refusals } from '../../workflows/conversation/refusals.ts';
import { seedAccount, type SeededAccount } from '../support/account.ts';
import { tellAll } from '../support/announcements.ts';
import { newConversation, putRow, writeDraft } from '../support/conversation-rows.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { required } from '../support/required.ts';
import { until } from '../support/until.ts';
import { activeOf, decision, givenTo, now, readAll } from './decision.ts';

let database: TestDatabase;
let pool: Pool;
let worker: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.arrangerUrl, max: 16, name: 'test' });
  worker = createPool({ url: database.workerUrl, max: 20, name: 'test-worker' });
});
afterAll(async () => {
  await Promise.all([pool.end(), worker.end()]);
  await database.drop();
});

async function oneChat(
  options: { maxChats?: number } = {},
): Promise<{ id: ActorId; agentId: string; groupId: string }> {
  const account = await seedAccount(pool, options);
  const id = await newConversation(pool, account, new Date(now - 60_000));
  return { id, agentId: required(account.agentIds[0]), groupId: account.groupId };
}

/** A claim that the matcher made: its place is taken already. */
async function openClaim({ accountId, conversationId }: ActorId, agentId: string): Promise<string> {
  const claimId = uuid();
  await inAccount(pool, accountId, async (tx) => {
    await tx.query('SELECT take_place($1, $2, false, $3)', [accountId, agentId, new Date(now)]);
    await tx.query(
      `INSERT INTO claims (account_id, id, conversation_id, entry, agent_id, epoch, made_at) VALUES ($1, $2, $3, 1, $4, 1, $5)`,
      [accountId, claimId, conversationId, agentId, new Date(now)],
    );
  });
  return claimId;
}

describe('An agent’s limit', () => {
  test('S1-3: of 16 records at once that each take a place, as many as there are places are recorded', async () => {
    const account = await seedAccount(pool, { maxChats: 3 });
    const agentId = required(account.agentIds[0]);
    const ids = await Promise.all(Array.from({ length: 16 }, () => newConversation(pool, account)));
    const answers = await Promise.all(ids.map((id) => recordDecision(worker, decision(id, givenTo(agentId)))));
    expect(answers.filter(({ kind }) => kind === 'recorded')).toHaveLength(3);
    const refused = answers.filter(({ kind }) => kind !== 'recorded');
    expect(refused).toEqual(refused.map(() => ({ kind: 'refused', code: 'agent-at-limit' })));
    expect(await activeOf(pool, account.accountId, agentId)).toBe(3);
  });

  test('a supervisor’s override goes above it', async () => {
    const { id, agentId } = await oneChat({ maxChats: 0 });
    const answer = await recordDecision(worker, decision(id, givenTo(agentId, { override: true, online: false })));
    expect(answer).toMatchObject({ kind: 'recorded' });
    expect(await activeOf(pool, id.accountId, agentId)).toBe(1);
  });

  test.each([
    ['the chat of the override', true],
    ['another', false],
  ])('an override is for its chat alone, and takes no other’s place: when %s is over', async (_which, isOverride) => {
    const account = await seedAccount(pool, { maxChats: 1, agents: 1 });
    const { accountId, groupId } = account;
    const agentId = required(account.agentIds[0]);
    const take = async (over: { override?: boolean } = {}) => {
      const id = await newConversation(pool, account);
      return { id, answer: await recordDecision(worker, decision(id, givenTo(agentId, over))) };
    };
    const free = async () =>
      (await inAccount(worker, accountId, (tx) => readAvailability(tx, accountId, groupId, null, now)))?.free;
    const recorded = { kind: 'recorded' };
    const refused = { kind: 'refused', code: 'agent-at-limit' };

    const above = await take({ override: true });
    expect([above.answer, await free()]).toMatchObject([recorded, 1]);
    const within = await take();
    expect([within.answer, await free()]).toMatchObject([recorded, 0]);
    expect((await take()).answer).toEqual(refused);

    const { id } = isOverride ? above : within;
    await recordDecision(
      worker,
      decision(id, { expected: 1, agents: [agentId], release: agentId, assignmentChanged: true }),
    );
    expect(await free()).toBe(isOverride ? 0 : 1);
    expect((await take()).answer).toMatchObject(isOverride ? refused : recorded);
    expect((await take()).answer).toEqual(refused);
  });

  test('a claim’s place is the conversation’s, and another is not needed', async () => {
    const { id, agentId } = await oneChat({ maxChats: 1 });
    const claimId = await openClaim(id, agentId);
    expect(await recordDecision(worker, decision(id, givenTo(agentId, { claimId })))).toMatchObject({
      kind: 'recorded',
    });
    expect(await activeOf(pool, id.accountId, agentId)).toBe(1);
    const again = decision(id, { ...givenTo(agentId, { claimId }), expected: 1 });
    expect(await recordDecision(worker, again)).toEqual({ kind: 'refused', code: 'claim-gone' });
  });

  test('a claim that was made for another conversation, or another agent, gives no place', async () => {
    const account = await seedAccount(pool, { maxChats: 2, agents: 2 });
    const [anna, bert] = [required(account.agentIds[0]), required(account.agentIds[1])];
    const [id, other] = [await newConversation(pool, account), await newConversation(pool, account)];
    const claimId = await openClaim(id, anna);
    const gone = { kind: 'refused', code: 'claim-gone' };
    expect(await recordDecision(worker, decision(other, givenTo(anna, { claimId })))).toEqual(gone);
    expect(await recordDecision(worker, decision(id, givenTo(bert, { claimId })))).toEqual(gone);
  });

  test('who is given the very chat that was offered to them needs no second place for it', async () => {
    const { id, agentId } = await oneChat({ maxChats: 1 });
    const claimId = await openClaim(id, agentId);
    const taken = decision(id, { ...givenTo(agentId), decline: [{ claimId }] });
    expect(await recordDecision(worker, taken)).toMatchObject({ kind: 'recorded' });
    expect(await activeOf(pool, id.accountId, agentId)).toBe(1);
  });
});

describe('A record that is refused has changed nothing', () => {
  type Wish = (chat: { id: ActorId; agentId: string; groupId: string }) => Promise<Partial<DecisionRecord>>;
  const everything = { silentUntil: now, key: uuid(), outcome: { ok: true }, events: [event()], park: [parked()] };
  const refusals: [code: string, wish: Wish][] = [
    ['agent-at-limit', async ({ agentId }) => givenTo(agentId)],
    ['agent-unknown', async () => givenTo(uuid())],
    ['agent-offline', async ({ id, agentId }) => (await setOffline(id, agentId), givenTo(agentId, { override: true }))],
    ['agent-not-in-group', async ({ agentId }) => givenTo(agentId, { groupId: uuid(), override: true })],
    ['claim-gone', async ({ agentId }) => givenTo(agentId, { claimId: uuid() })],
    ['group-unknown', async () => ({ groupId: uuid() })],
    ['context-changed', async () => ({ lockContact: 'share', expectBlocked: true })],
    ['context-changed', async () => ({ policyVersion: 0 })],
    [
      'blocked',
      async ({ id }) => (await setBlocked(id), { lockContact: 'update', block: { blockId: uuid(), expiresAt: null } }),
    ],
    ['draft-unknown', async () => ({ outbound: [reply()] })],
    [
      'contact-erased',
      async ({ id }) => (await setErased(id), { lockContact: 'share', refuseErased: true, outbound: [reply()] }),
    ],
    ['inbox-waiting', async ({ id }) => (await putRow(pool, id, 'CustomerCancelled', {}, new Date(now)), {})],
  ];

  test.each(refusals)('%s', async (code, wish) => {
    const chat = await oneChat({ maxChats: 0 });
    const wished = await wish(chat);
    const before = await readAll(pool, chat.id);
    expect(await recordDecision(worker, decision(chat.id, { ...everything, ...wished }))).toEqual({
      kind: 'refused',
      code,
    });
    expect(await readAll(pool, chat.id)).toEqual(before);
  });

  test('and one that decided from an older version, too', async () => {
    const { id, agentId } = await oneChat();
    await recordDecision(worker, decision(id));
    const before = await readAll(pool, id);
    const late = await recordDecision(worker, decision(id, { ...everything, ...givenTo(agentId) }));
    expect(late).toMatchObject({ kind: 'moved', row: { version: 1 } });
    expect(await readAll(pool, id)).toEqual(before);
  });

  function event(): DecisionRecord['events'][number] {
    return { type: 'SessionEnded', at: now, data: '{}', messageId: null };
  }
  function parked(): DecisionRecord['park'][number] {
    return { id: uuid(), seq: null, error: 'TypeError' };
  }
  function reply(): DecisionRecord['outbound'][number] {
    const to = { toKind: 'channel', toId: null, handover: null } as const;
    return { seq: 1, messageId: uuid(), ...to, authorKind: 'agent', epoch: 1, content: null };
  }
  async function setBlocked({ accountId }: ActorId): Promise<void> {
    await inAccount(pool, accountId, (tx) =>
      tx.query('UPDATE contacts SET block_id = $2 WHERE account_id = $1', [accountId, uuid()]),
    );
  }
  async function setErased({ accountId }: ActorId): Promise<void> {
    await inAccount(pool, accountId, (tx) =>
      tx.query('UPDATE contacts SET erased_at = now() WHERE account_id = $1', [accountId]),
    );
  }
  async function setOffline({ accountId }: ActorId, agentId: string): Promise<void> {
    await inAccount(pool, accountId, (tx) =>
      tx.query(`UPDATE agents SET status = 'offline' WHERE account_id = $1 AND id = $2`, [accountId, agentId]),
    );
  }
});

describe('A new version of the policy, and a record that brings an older one into a conversation', () => {
  const begins = (id: ActorId) => decision(id, { policyVersion: 1, wakeAt: now + 1 });

  test('which comes second finds it, and its conversation reads the new one', async () => {
    const { id } = await oneChat();
    let answer: ReturnType<typeof recordDecision> | undefined;
    await inAccount(pool, id.accountId, async (tx) => {
      await lockPolicies(tx, id.accountId);
      await tx.query(
        `INSERT INTO policies SELECT account_id, 2, numbers, groups, notices, form, routing, created_at FROM policies
         WHERE account_id = $1`,
        [id.accountId],
      );
      answer = recordDecision(pool, begins(id));
      await waitsForAdvisoryLock(1);
    });
    expect(await answer).toEqual({ kind: 'refused', code: 'context-changed' });
  });

  test('which comes first is told of it, be it never so late with its commit', async () => {
    const { id } = await oneChat();
    let announced: Promise<void> | undefined;
    await inAccount(pool, id.accountId, async (tx) => {
      await tx.query('SELECT record_decision($1::jsonb)', [JSON.stringify(begins(id))]);
      announced = inAccount(pool, id.accountId, async (other) => {
        await lockPolicies(other, id.accountId);
        await announcePolicy(other, id.accountId, new Date(now));
      });
      await waitsForAdvisoryLock(1);
    });
    await announced;
    await tellAll(pool, id.accountId);
    expect(await inboxTypes(id)).toEqual(['PolicyChanged']);
  });

  test('don’t wait for each other where they are of two accounts; neither do two records', async () => {
    const [ours, theirs] = [await oneChat(), await oneChat()];
    const recorded = { kind: 'recorded', version: 1 };
    await inAccount(pool, theirs.id.accountId, async (tx) => {
      await lockPolicies(tx, theirs.id.accountId);
      expect(await recordDecision(pool, begins(ours.id))).toMatchObject(recorded);
    });
    await inAccount(pool, theirs.id.accountId, async (tx) => {
      await tx.query('SELECT record_decision($1::jsonb)', [JSON.stringify(begins(theirs.id))]);
      const account = { accountId: theirs.id.accountId, channelId: await channelOf(theirs.id) };
      const second = await newConversation(pool, account as SeededAccount);
      expect(await recordDecision(pool, begins(second))).toMatchObject(recorded);
    });
  });

  async function waitsForAdvisoryLock(most: number): Promise<void> {
    await until(async () => {
      const { rows } = await pool.query(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return rows.length === most;
    });
  }

  async function channelOf({ accountId, conversationId }: ActorId): Promise<string> {
    const { rows } = await inAccount(pool, accountId, (tx) =>
      tx.query<{ id: string }>('SELECT channel_id AS id FROM conversations WHERE account_id = $1 AND id = $2', [
        accountId,
        conversationId,
      ]),
    );
    return required(rows[0]).id;
  }
});

describe('S1-8: A block, and a record that begins a session of the contact', () => {
  const begins = (id: ActorId) =>
    decision(id, { lockContact: 'share', expectBlocked: false, policyVersion: 1, wakeAt: now + 1 });
  const blocks = (id: ActorId) => decision(id, { lockContact: 'update', block: { blockId: uuid(), expiresAt: null } });

  /** Two conversations of one contact. */
  async function twoChats(): Promise<{ id: ActorId; other: ActorId }> {
    const account = await seedAccount(pool);
    const [id, other] = [await newConversation(pool, account), await newConversation(pool, account)];
    await inAccount(pool, account.accountId, (tx) =>
      tx.query(
        `UPDATE conversations SET contact_id = (SELECT contact_id FROM conversations WHERE account_id = $1 AND id = $2)
         WHERE account_id = $1 AND id = $3`,
        [account.accountId, id.conversationId, other.conversationId],
      ),
    );
    return { id, other };
  }

  test('the session that comes second finds the block, and begins with it', async () => {
    const { id, other } = await twoChats();
    let answer: ReturnType<typeof recordDecision> | undefined;
    await inAccount(pool, id.accountId, async (tx) => {
      await tx.query('SELECT record_decision($1::jsonb)', [JSON.stringify(blocks(id))]);
      answer = recordDecision(worker, begins(other));
      await waitsFor(tx, answer);
    });
    expect(await answer).toEqual({ kind: 'refused', code: 'context-changed' });
  });

  test('the session that comes first is there, be it never so late with its commit, before the block is', async () => {
    const { id, other } = await twoChats();
    let answer: ReturnType<typeof recordDecision> | undefined;
    await inAccount(pool, id.accountId, async (tx) => {
      await tx.query('SELECT record_decision($1::jsonb)', [JSON.stringify(begins(other))]);
      answer = recordDecision(worker, blocks(id));
      await waitsFor(tx, answer);
    });
    expect(await answer).toMatchObject({ kind: 'recorded' });
    await tellAll(pool, other.accountId);
    expect(await inboxTypes(other)).toEqual(['ContactBlocked']);
  });

  test('two sessions of the contact don’t wait for each other', async () => {
    const { id, other } = await twoChats();
    await inAccount(pool, id.accountId, async (tx) => {
      await tx.query('SELECT record_decision($1::jsonb)', [JSON.stringify(begins(id))]);
      expect(await recordDecision(worker, begins(other))).toMatchObject({ kind: 'recorded' });
    });
  });

  /** For a row that this transaction holds. */
  async function waitsFor(tx: Transaction, answer: Promise<unknown>): Promise<void> {
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const blocked = 'SELECT 1 FROM pg_locks WHERE NOT granted AND $1 = ANY (pg_blocking_pids(pid))';
    let isAnswered = false;
    void answer.finally(() => (isAnswered = true));
    await until(async () => isAnswered || (await pool.query(blocked, [required(rows[0]).pid])).rowCount === 1);
    expect(isAnswered).toBe(false);
  }
});

async function inboxTypes({ accountId, conversationId }: ActorId): Promise<string[]> {
  const { rows } = await inAccount(pool, accountId, (tx) =>
    tx.query<{ type: string }>('SELECT type FROM inbox WHERE account_id = $1 AND conversation_id = $2 ORDER BY seq', [
      accountId,
      conversationId,
    ]),
  );
  return rows.map(({ type }) => type);
}

describe('What was stored for a command', () => {
  const outcomes: [what: string, before: Partial<DecisionRecord> | null, outcome: object, status: string][] = [
    ['that is rejected', null, { ok: false }, 'discarded'],
    ['that is accepted waits for it to be queued', null, { ok: true }, 'draft'],
    [
      'whose key has another request’s outcome',
      { keyDigest: 'another', outcome: { ok: true } },
      { ok: true },
      'discarded',
    ],
    ['that comes again is what it was', { keyDigest: 'the same', outcome: { ok: true } }, { ok: false }, 'draft'],
  ];
  test.each(outcomes)('%s', async (_what, before, outcome, status) => {
    const { id } = await oneChat();
    const draft = await writeDraft(pool, id, 'Words');
    const key = uuid();
    if (before) await recordDecision(worker, decision(id, { key, ...before }));
    const expected = before === null ? 0 : 1;
    await recordDecision(worker, decision(id, { expected, key, keyDigest: 'the same', outcome, drafts: [draft] }));
    const { messages } = await readAll(pool, id);
    expect(messages).toMatchObject([{ id: draft, status }]);
  });
});

test('It refuses by the core’s codes, and each of them is one by which it may', async () => {
  const { rows } = await pool.query<{ text: string }>(
    `SELECT string_agg(prosrc, '') AS text FROM pg_proc WHERE proname IN ('refusal_of', 'refusal_of_agent', 'take_decided_place')`,
  );
  const codes = [...required(rows[0]).text.matchAll(/THEN '([a-z-]+)'/g)].map(([, code]) => code);
  // What another attempt has is raised by the transaction, and what no table takes is answered by the activity.
  expect(new Set([...codes, 'another-attempt', 'unrecordable'])).toEqual(new Set(refusals));
});

describe('What the customer told the bot', () => {
  const answersOf = ({ accountId, conversationId }: ActorId) =>
    inAccount(pool, accountId, async (tx) => {
      const { rows } = await tx.query<{ handover: number; name: string; value: string }>(
        'SELECT handover, name, value FROM intake_answers WHERE account_id = $1 AND conversation_id = $2 ORDER BY name',
        [accountId, conversationId],
      );
      return rows;
    });
  const told = (id: ActorId, botId: string, turn: number, answers: { name: string; value: string }[]) => {
    const words = { messages: [], handover: null, intake: { status: 'open' as const, answers } };
    return storeBotAnswer(pool, id, { turn, botId, words, at: now });
  };

  test('S3-3: stands with a hand-over once the turn is taken; of two turns the later counts', async () => {
    const account = await seedAccount(pool);
    const id = await newConversation(pool, account);
    await told(id, account.botId, 1, [{ name: 'name', value: 'Carla' }]);
    await told(id, account.botId, 2, [
      { name: 'name', value: 'Carla Canary' },
      { name: 'order', value: '17' },
    ]);
    expect(await answersOf(id)).toEqual([]);
    await recordDecision(pool, decision(id, { intake: [{ turn: 1, handover: 3 }] }));
    expect(await answersOf(id)).toEqual([{ handover: 3, name: 'name', value: 'Carla' }]);
    await recordDecision(pool, decision(id, { expected: 1, intake: [{ turn: 2, handover: 3 }] }));
    expect(await answersOf(id)).toEqual([
      { handover: 3, name: 'name', value: 'Carla Canary' },
      { handover: 3, name: 'order', value: '17' },
    ]);
  });

  test('S3-3: of a turn that nobody takes, it stands with no hand-over', async () => {
    const account = await seedAccount(pool);
    const id = await newConversation(pool, account);
    await told(id, account.botId, 1, [{ name: 'name', value: 'Carla' }]);
    await recordDecision(pool, decision(id, { row: { ...decision(id).row, handoverNo: 2 } }));
    expect(await answersOf(id)).toEqual([]);
  });
});
