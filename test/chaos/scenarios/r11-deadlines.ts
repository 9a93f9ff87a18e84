import { setTimeout as pause } from 'node:timers/promises';
import { seededNumbers } from '../../bench/seeded.ts';
import { required } from '../../support/required.ts';
import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { followThreads } from '../followed-threads.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import type { Thread } from '../load.ts';
import { readTimes, sessionsOf, type Timed, wrongTimes } from '../oracles/deadlines.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';
import { write } from '../webhook.ts';

const limits = { sessionMs: 4_000, firstReplyMs: 1_000 };
const numbers = { lock: { sessionMs: limits.sessionMs, until: 'session-end' }, firstReplyMs: limits.firstReplyMs };
/** Around the end of a session, ms. */
const offsets = [-2_000, -20, -3, -2, -1, 0, 0, 1, 2, 3, 20, 800];

/**
 * Customers write around the ends of their sessions, and agents take chats that they do not answer; the workers are dead over
 * most of these deadlines, so that what was stored before one is decided on long after it. When each must have fired follows
 * from the times that are stored. Of the books nothing is said of what is lost: what the bot has not answered when a session
 * ends is answered in the next, if one comes; nor of whose a chat is, which follows from when its deadlines fired.
 */
export const r11: Scenario = {
  id: 'R11',
  title: 'deadlines with the workers dead over them: exact, and right for what was stored before and decided on after',
  run: (arena, { seed, isShort }) =>
    withAccount(arena, { numbers }, async (account) => {
      const ledger = createLedger();
      const threads = Array.from({ length: isShort ? 20 : 100 }, (_, no) => threadNo(no));
      await Promise.all(threads.slice(0, 4).map((thread) => takenAndNotAnswered(account, ledger, thread)));
      const below = seededNumbers(seed);
      const over = Promise.all(
        threads.map((thread) => writeAtTheEdge(account, ledger, thread, isShort ? 4 : 30, below)),
      );
      const outages = await outagesUntil(arena, over);
      await Promise.all(threads.map((thread) => say(account, ledger, thread, 'goodbye')));
      await untilSilent(arena, account);
      const { outcome } = await judge(arena, account, { threads, ledger }, { except: ['lost', 'owner'] });
      const times = await readTimes(arena.admin, account.accountId);
      return withFindings(outcome, objectTo('deadlines', wrongTimes(times, limits)), { outages, ...factsOf(times) });
    }),
};

const threadNo = (no: number): Thread => ({ name: `thread-${no}`, channel: 'knowing', servedBy: null, texts: [] });

async function say(account: ChaosAccount, ledger: Ledger, thread: Thread, text: string): Promise<void> {
  const { name, channel } = thread;
  thread.texts.push(text);
  await write(account, ledger, { channel, thread: name, text, id: `${name}/${text}` });
}

/** With the workers up; what comes of it they may miss. */
async function takenAndNotAnswered(account: ChaosAccount, ledger: Ledger, thread: Thread): Promise<void> {
  await say(account, ledger, thread, 'a person, please');
  const id = await followThreads(account.api).idOf(thread.name);
  const { client } = required(account.agents[0]);
  // Refused while the bot has it, and once the session is over.
  for (let tries = 0; tries < 10; tries += 1) {
    const joined = client.post(`/v1/conversations/${id}/actions/join`, {}, { 'idempotency-key': `${id}-${tries}` });
    if (
      await joined.then(
        () => true,
        () => false,
      )
    )
      return;
    await pause(200);
  }
}

async function writeAtTheEdge(
  account: ChaosAccount,
  ledger: Ledger,
  thread: Thread,
  messages: number,
  below: (limit: number) => number,
): Promise<void> {
  for (let no = 1; no <= messages; no += 1) {
    const due = performance.now() + limits.sessionMs + required(offsets[below(offsets.length)]);
    await say(account, ledger, thread, `message ${no}`);
    if (no < messages) await pause(Math.max(0, due - performance.now()));
  }
}

/** Both workers are dead for longer than a session lasts, again and again. Answers how often. */
async function outagesUntil({ installation: { workers } }: Arena, over: Promise<unknown>): Promise<number> {
  let isOver = false;
  const end = over.finally(() => (isOver = true));
  let count = 0;
  while (!isOver) {
    await Promise.all(workers.map((one) => one.end('SIGKILL')));
    await Promise.race([end, pause(limits.sessionMs * 1.5)]);
    await Promise.all(workers.map((one) => one.start()));
    count += 1;
    await Promise.race([end, pause(limits.sessionMs / 2)]);
  }
  await end;
  return count;
}

/** As soon as every session is over; what never ends is found by the comparison. */
async function untilSilent({ admin }: Arena, { accountId }: ChaosAccount): Promise<void> {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    const { rowCount } = await admin.query('SELECT 1 FROM actors WHERE account_id = $1 AND wake_at IS NOT NULL', [
      accountId,
    ]);
    if (rowCount === 0) return;
    await pause(200);
  }
}

function factsOf(times: Timed[]): Record<string, number> {
  const gaps = times.flatMap(({ wrote }) =>
    wrote.slice(1).map((at, no) => at - required(wrote[no]) - limits.sessionMs),
  );
  return {
    sessions: times.reduce((sum, one) => sum + sessionsOf(one, limits.sessionMs).length, 0),
    'within 5 ms of an end': gaps.filter((gap) => Math.abs(gap) <= 5).length,
  };
}
