import { setTimeout as pause } from 'node:timers/promises';
import { seededNumbers } from '../../bench/seeded.ts';
import type { KeptProcess } from '../../support/kept-process.ts';
import { required } from '../../support/required.ts';
import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { followThreads } from '../followed-threads.ts';
import { createLedger, type Ledger } from '../ledger.ts';
import type { Thread } from '../load.ts';
import { wrongClocks, type Saying } from '../oracles/clocks.ts';
import { readTimes, sessionsOf, type Timed, wrongTimes } from '../oracles/deadlines.ts';
import { objectTo, type Outcome, type Scale, type Scenario, withFindings } from '../scenario.ts';
import { stepClocks, type SteppedClocks } from '../stepped-clocks.ts';
import { judge, withAccount } from '../under-load.ts';
import { write } from '../webhook.ts';

const limits = { sessionMs: 4_000, firstReplyMs: 1_000 };
const numbers = { lock: { sessionMs: limits.sessionMs, until: 'session-end' }, firstReplyMs: limits.firstReplyMs };
/** By which clocks are wrong, s. */
const steps = [-3_600, -8, 0, 8, 3_600];
/** Around the end of a session, ms. */
const offsets = [-2_000, -20, -3, -2, -1, 0, 0, 1, 2, 3, 20, 800];

/**
 * Customers write around the ends of their sessions, and agents take chats that they do not answer; the workers are dead over
 * most of these deadlines, so that what was stored before one is decided on long after it. Meanwhile the clocks of all APIs and
 * workers are wrong, and set again and again. When each deadline must have fired follows from the times that are stored, and
 * those are the true ones. Of the books nothing is said of what is lost: what the bot has not answered when a session
 * ends is answered in the next, if one comes; nor of whose a chat is, which follows from when its deadlines fired.
 */
export const r11: Scenario = {
  id: 'R11',
  title:
    'deadlines with the workers dead over them and clocks that are set: exact, and right for what was stored before',
  async run(arena, scale) {
    const clocks = await stepClocks(arena);
    try {
      return await withAccount(arena, { numbers }, (account) => play(arena, account, clocks, scale));
    } finally {
      await clocks.putBack();
    }
  },
};

async function play(
  arena: Arena,
  account: ChaosAccount,
  clocks: SteppedClocks,
  { seed, isShort }: Scale,
): Promise<Outcome> {
  const below = seededNumbers(seed);
  const set = (process: KeptProcess): Promise<void> => clocks.set(process, required(steps[below(steps.length)]));
  await startWrong(arena, clocks);
  const customers = createCustomers(account);
  const threads = Array.from({ length: isShort ? 20 : 100 }, (_, no) => threadNo(no));
  await Promise.all(threads.slice(0, 4).map((thread) => takenAndNotAnswered(account, customers, thread)));
  const messages = isShort ? 4 : 30;
  const over = Promise.all(threads.map((thread) => writeAtTheEdge(customers, thread, messages, below)));
  const outages = await outagesUntil(arena, clocks, over, set);
  await Promise.all(threads.map((thread) => customers.say(thread, 'goodbye')));
  await untilSilent(arena, account);
  const { outcome } = await judge(arena, account, { threads, ...customers }, { except: ['lost', 'owner'] });
  const times = await readTimes(arena.admin, account.accountId);
  const findings = [
    ...objectTo('deadlines', wrongTimes(times, limits)),
    ...objectTo('clocks', wrongClocks(times, customers.sayings)),
  ];
  return withFindings(outcome, findings, { outages, 'clocks set by': clocks.how, ...factsOf(times) });
}

const threadNo = (no: number): Thread => ({ name: `thread-${no}`, channel: 'knowing', servedBy: null, texts: [] });

interface Customers {
  ledger: Ledger;
  sayings: Saying[];
  say(thread: Thread, text: string): Promise<void>;
}

function createCustomers(account: ChaosAccount): Customers {
  const ledger = createLedger();
  const sayings: Saying[] = [];
  return {
    ledger,
    sayings,
    async say({ name, channel, texts }, text) {
      texts.push(text);
      const from = Date.now();
      await write(account, ledger, { channel, thread: name, text, id: `${name}/${text}` });
      sayings.push({ thread: name, from, until: Date.now() });
    },
  };
}

/**
 * The APIs' clocks are wrong already when they start: by less than a webhook may be old, so one that went by them would
 * store what is not true, and not only refuse everything.
 */
async function startWrong({ installation: { apis } }: Arena, clocks: SteppedClocks): Promise<void> {
  for (const [no, api] of apis.entries()) {
    await api.end('SIGKILL');
    await clocks.set(api, no % 2 === 0 ? -120 : 120);
    await clocks.start(api);
  }
}

/** With the workers up; what comes of it they may miss. */
async function takenAndNotAnswered(account: ChaosAccount, customers: Customers, thread: Thread): Promise<void> {
  await customers.say(thread, 'a person, please');
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
  { say }: Customers,
  thread: Thread,
  messages: number,
  below: (limit: number) => number,
): Promise<void> {
  for (let no = 1; no <= messages; no += 1) {
    const due = performance.now() + limits.sessionMs + required(offsets[below(offsets.length)]);
    await say(thread, `message ${no}`);
    if (no < messages) await pause(Math.max(0, due - performance.now()));
  }
}

/** Both workers are dead for longer than a session lasts, again and again; clocks are set while who goes by them runs. Answers how often. */
async function outagesUntil(
  { installation: { apis, workers } }: Arena,
  clocks: SteppedClocks,
  over: Promise<unknown>,
  set: (process: KeptProcess) => Promise<void>,
): Promise<number> {
  let isOver = false;
  const end = over.finally(() => (isOver = true));
  let count = 0;
  while (!isOver) {
    await Promise.all(workers.map((one) => one.end('SIGKILL')));
    await Promise.all(apis.map(set));
    await Promise.race([end, pause(limits.sessionMs * 1.5)]);
    await Promise.all(workers.map(clocks.start));
    count += 1;
    await Promise.race([end, pause(limits.sessionMs / 4)]);
    await Promise.all(workers.map(set));
    await Promise.race([end, pause(limits.sessionMs / 4)]);
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
