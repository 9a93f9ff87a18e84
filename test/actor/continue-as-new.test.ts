/** What comes as a run past its cap of history events ends is neither lost nor doubled, also where its worker dies then. */
import { v7 as uuid } from 'uuid';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Unanswered } from '../../courier/commands.ts';
import { inAccount } from '../../store/connection.ts';
import type { ActorId, Outcome } from '../../workflows/conversation/messages.ts';
import { startActorStack, type ActorStack } from '../support/actor-stack.ts';
import type { DyingWorkerSettings } from '../support/dying-worker.ts';
import { createGate, type Gate } from '../support/gate.ts';
import { expectInOrder, expectInvariants } from '../support/invariants.ts';
import { required } from '../support/required.ts';
import { runsOf } from '../support/runs.ts';
import { temporalAddress } from '../support/servers.ts';
import { until } from '../support/until.ts';

let stack: ActorStack;
let hold: Gate | null = null;
beforeAll(async () => {
  stack = await startActorStack();
  stack.around = (made) => ({
    ...made,
    async holdCourier(actor) {
      await made.holdCourier(actor);
      await hold?.pass();
    },
  });
});
afterEach(() => stack.stopWorker());
afterAll(() => stack.close());

interface Chat {
  id: ActorId;
  write(): Promise<void>;
  /** Adds a tag of its own; a repeat adds the same. */
  tag(key: string): Promise<Outcome>;
  signal(key: string): Promise<void>;
  /** All that was sent had one effect each. */
  expectAllTaken(): Promise<void>;
}

async function chat(): Promise<Chat> {
  const account = await stack.account({ responsible: 'managers' });
  const by = { kind: 'agent' as const, agentId: required(account.agentIds[0]) };
  const thread = uuid();
  const { conversationId } = await stack.write(account, thread, 'first');
  const id = { accountId: account.accountId, conversationId: required(conversationId) };
  const tags = new Map<string, string>();
  let written = 1;
  const payload = (key: string) => {
    const tagId = tags.get(key) ?? uuid();
    tags.set(key, tagId);
    return { key, by, add: [tagId], remove: [] };
  };
  return {
    id,
    async write() {
      written += 1;
      await stack.write(account, thread, `message ${written}`);
    },
    async tag(key) {
      for (;;) {
        try {
          return await stack.commands.execute(id, 'Tag', payload(key));
        } catch (error) {
          if (!(error instanceof Unanswered)) throw error;
        }
      }
    },
    signal: (key) => stack.commands.signal(id, 'Tag', payload(key)),
    async expectAllTaken() {
      await stack.caughtUp(id);
      const kept = (): Promise<number> =>
        inAccount(stack.pool, id.accountId, async (tx) => {
          const query = 'SELECT key FROM idempotency WHERE account_id = $1 AND key = ANY($2)';
          return (await tx.query(query, [id.accountId, [...tags.keys()]])).rows.length;
        });
      await until(async () => (await kept()) === tags.size);
      const events = await expectInvariants(stack.pool, id);
      expectInOrder(events, written);
      expect(events.filter(({ type }) => type === 'TagsChanged')).toHaveLength(tags.size);
    },
  };
}

/** Commands whose answer the end of a run holds up. */
const filling: Promise<unknown>[] = [];

/** Sends commands until the run has come to its hold, as `there` tells. */
async function fill(one: Chat, there: Promise<unknown>): Promise<void> {
  let isThere = false;
  void there.then(() => (isThere = true));
  for (let count = 0; !isThere; count += 4) {
    const keys = [1, 2, 3, 4].map((no) => `fill-${count + no}-${one.id.conversationId}`);
    const filled = Promise.all(keys.map(one.tag));
    filling.push(filled);
    await Promise.race([filled, there]);
  }
}

/** Of each way in several, at the same time. */
async function sendAll(one: Chat, name: string): Promise<{ answered: Promise<Outcome[]> }> {
  const keys = [1, 2, 3].map((no) => `${name}-${no}-${one.id.conversationId}`);
  const answered = Promise.all(keys.map((key) => one.tag(`update-${key}`)));
  await Promise.all([...keys.map((key) => one.signal(`signal-${key}`)), one.write(), one.write()]);
  return { answered };
}

test('B-7: updates, signals and messages that come while a run has held its courier are taken once', async () => {
  const gate = (hold = createGate());
  await stack.startWorker();
  const one = await chat();
  await fill(one, gate.reached);
  const { answered } = await sendAll(one, 'held');
  gate.open();
  const outcomes = await answered;
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
  await Promise.all(filling.splice(0));
  await one.expectAllTaken();
  expect(await runsOf(stack.pool, one.id)).toBeGreaterThan(1);
  hold = null;
}, 120_000);

test('R1, B-7: also where the worker is killed at that moment, before the next run’s first task', async () => {
  const script = fileURLToPath(new URL('../support/dying-worker.ts', import.meta.url));
  const settings: DyingWorkerSettings = {
    databaseUrl: stack.database.workerUrl,
    address: temporalAddress(),
    taskQueue: stack.taskQueue,
    dies: 'at-the-hold',
  };
  const dying = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(dying.stdout, 'data');
  const one = await chat();
  await fill(one, once(dying, 'exit'));
  expect(dying.signalCode).toBe('SIGKILL');
  const { answered } = await sendAll(one, 'killed');
  await stack.startWorker();
  const outcomes = await answered;
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
  await Promise.all(filling.splice(0));
  await one.expectAllTaken();
  expect(await runsOf(stack.pool, one.id)).toBeGreaterThan(1);
}, 120_000);

test('B-7: a key that the state has long forgotten still has one effect, and the answer that was given', async () => {
  await stack.startWorker();
  const one = await chat();
  const keys = Array.from({ length: 70 }, (_, index) => `old-${index}-${one.id.conversationId}`);
  const given = new Map<string, Outcome>();
  for (const key of keys) given.set(key, await one.tag(key));
  expect((await stack.stored(one.id)).state?.keys).toEqual(keys.slice(-64));
  for (const key of keys.slice(0, 7)) {
    expect(await one.tag(key)).toEqual(given.get(key));
    await one.signal(key);
  }
  // Comes after the signals.
  await one.tag(`last-${one.id.conversationId}`);
  await one.expectAllTaken();
}, 120_000);
