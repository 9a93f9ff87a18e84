/**
 * The whole installation while everything in it dies in turn: customers write and an agent answers meanwhile, each as a
 * client does that is not answered, with the same id again. Afterwards all books are compared.
 */
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import type { BotTurn } from '../../../adapters/contract/bot.ts';
import { ApiProblem } from '../../../dev/api-client.ts';
import { inAccount } from '../../../store/connection.ts';
import { readViolations } from '../../../store/invariants.ts';
import { baton } from '../../audit/command.ts';
import { seededNumbers } from '../../bench/seeded.ts';
import { createConditions } from '../../support/conditions.ts';
import { insistent } from '../../support/insistent.ts';
import { install, type Installation } from '../../support/installation.ts';
import { type InstalledAccount, openAccountOf } from '../../support/installed-account.ts';
import { expectInOrder, expectInvariants } from '../../support/invariants.ts';
import { required } from '../../support/required.ts';
import { until } from '../../support/until.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 1);
const threads = 24;
const each = 10;
/** In these a person is asked for first; the agent answers every message. */
const served = 6;

let installation: Installation;
let account: InstalledAccount;
beforeAll(async () => {
  installation = await install({ workers: 2 });
  account = await openAccountOf(installation, {
    script: echo,
    // A worker that dies with a turn in hand has used a try.
    numbers: { intake: { by: 'none' }, bot: { tries: 20, timeoutMs: 10_000 } },
  });
}, 120_000);
afterAll(async () => {
  await account.close();
  await installation.stop();
});

/** Each message has its own answer. */
function echo({ event }: BotTurn): object {
  const texts = event.type === 'messages' ? event.messages.map(({ content }) => content.text ?? '') : [];
  if (texts.some((text) => text.includes('person'))) return { messages: [], handover: { reason: 'asked' } };
  return { messages: texts.map((text) => ({ text: `echo: ${text}` })) };
}

const threadOf = (no: number): string => `thread-${no}`;
const texts = Array.from({ length: each }, (_, index) => `message ${index + 1}`);
const isServed = (no: number): boolean => no < served;
const writtenBy = (no: number): string[] => (isServed(no) ? ['a person', ...texts] : texts);

test(`R1, R3, R4: nothing is lost, doubled or out of order, whatever is killed (seed ${seed})`, async () => {
  onTestFailed(() => console.error(`again: CHAOS_SEED=${seed}`));
  const storm = createStorm();
  const agentsTurn = Array.from({ length: served }, (_, no) => serve(no));
  const customers = Array.from({ length: threads }, (_, no) => writes(no, storm.accepted));
  await Promise.all([storm.over, ...customers, ...agentsTurn]);

  await expectHeard();
  const conversations = await account.conversations();
  expect(conversations.size).toBe(threads);
  for (let no = 0; no < threads; no += 1) {
    await expectDecided(no, required(conversations.get(threadOf(no))));
  }
  const { accountId, pool } = account;
  expect(await inAccount(pool, accountId, (tx) => readViolations(tx, accountId))).toEqual([]);
  await expectVerified([...conversations.values()]);
}, 240_000);

/** Faults in an order of their own, spread over the messages; each is over before the next begins. */
function createStorm(): { accepted: () => void; over: Promise<void> } {
  const faults = shuffled([
    () => installation.killWorker(0),
    () => installation.killWorker(1),
    () => installation.killApi(),
    () => installation.killApi(),
    () => installation.crashPostgres(),
    async () => {
      await installation.stopTemporal();
      await installation.resumeTemporal();
    },
  ]);
  const all = threads * each + served;
  const { check, until: condition } = createConditions();
  let count = 0;
  const rage = async (): Promise<void> => {
    for (const [index, fault] of faults.entries()) {
      const after = Math.floor((all * (index + 1)) / (faults.length + 2));
      await condition(
        () => count >= after,
        () => [`${count} accepted, ${after} wanted`],
        60_000,
      );
      await fault();
    }
  };
  const accepted = (): void => {
    count += 1;
    check();
  };
  return { accepted, over: rage() };
}

function shuffled<T>(all: T[]): T[] {
  const below = seededNumbers(seed);
  return all
    .map((one) => ({ one, at: below(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

async function writes(no: number, accepted: () => void): Promise<void> {
  const thread = threadOf(no);
  for (const text of writtenBy(no)) {
    const message = { thread, text, id: `${thread}/${text}` };
    await insistent(
      () => account.channel.say(message),
      ({ status }) => status === 200,
    );
    accepted();
  }
}

/** Joins once there is somebody who waits, and says as many things as the customer does. */
async function serve(no: number): Promise<void> {
  const act = async (action: string, body: object, key: string): Promise<boolean> => {
    const id = (await account.conversations()).get(threadOf(no));
    if (id === undefined) return false;
    try {
      await account.agent.post(`/v1/conversations/${id}/actions/${action}`, body, { 'idempotency-key': key });
      return true;
    } catch (error) {
      if (error instanceof ApiProblem) return false;
      throw error;
    }
  };
  // Refused while nobody waits: a refusal is an outcome, and is kept under its key.
  let tries = 0;
  await insistent(() => act('join', {}, `join-${no}-${(tries += 1)}`), Boolean);
  for (const text of texts)
    await insistent(() => act('reply', { text: `re: ${text}` }, `${no}-${text.replace(' ', '-')}`), Boolean);
}

/** The books of the other side: every reply, once, in order. */
async function expectHeard(): Promise<void> {
  const { books } = account.channel;
  const expected = (no: number): string[] => texts.map((text) => `${isServed(no) ? 're' : 'echo'}: ${text}`);
  const heard = (no: number): string[] => books.texts(threadOf(no)).filter((text) => !text.startsWith('notice: '));
  const all = Array.from({ length: threads }, (_, no) => no);
  await books.until(() => all.every((no) => heard(no).length >= each), 90_000);
  expect(all.map(heard)).toEqual(all.map(expected));
  expect(books.duplicates()).toEqual([]);
}

async function expectDecided(no: number, conversationId: string): Promise<void> {
  const { accountId, pool } = account;
  const settled = async (): Promise<boolean> => {
    const { rows } = await inAccount(pool, accountId, (tx) =>
      tx.query<{ settled: boolean }>(
        `SELECT a.seq = m.last_seq AND NOT EXISTS (SELECT 1 FROM outbound o WHERE o.account_id = $1
            AND o.conversation_id = $2 AND o.status NOT IN ('sent', 'delivered', 'read')) AS settled
         FROM actors a JOIN mailboxes m USING (account_id, conversation_id) WHERE account_id = $1 AND conversation_id = $2`,
        [accountId, conversationId],
      ),
    );
    return required(rows[0]).settled;
  };
  await until(settled, 60_000);
  expectInOrder(await expectInvariants(pool, { accountId, conversationId }), writtenBy(no).length);
}

/** Chains, what Temporal vouches for, and what the code makes of every recorded history. */
async function expectVerified(conversations: string[]): Promise<void> {
  const env = {
    BATON_DATABASE_URL: installation.database.workerUrl,
    BATON_ACCOUNT: account.accountId,
    BATON_TEMPORAL_ADDRESS: installation.temporalAddress,
    BATON_BUILD: installation.build,
  };
  for (const id of conversations) {
    const { code, out, err } = await baton(['verify', id], env);
    expect({ code, out, err }).toMatchObject({ code: 0, err: '' });
  }
  const { code, out } = await baton(['replay', '--all'], env);
  expect(out.split('\n').at(-1)).toMatch(/^[1-9]\d* the same, 0 differ \(written by another build\), 0 failed$/);
  expect(code).toBe(0);
}
