import { required } from '../../support/required.ts';
import { until } from '../../support/until.ts';
import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { countContinuedRuns } from '../continued-runs.ts';
import { listThreads } from '../followed-threads.ts';
import { createLedger, type Said } from '../ledger.ts';
import { type Load, startLoad, type Thread } from '../load.ts';
import { type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';
import { write } from '../webhook.ts';

const copies = 3;

/** Each webhook three times at once; all of them again when worker and API have come back, and when each conversation has continued as new. */
export const r6: Scenario = {
  id: 'R6',
  title: 'every webhook three times at once, again after restarts, and after continue-as-new: one effect each',
  run: (arena, { messages, isShort }) =>
    withAccount(arena, undefined, async (account) => {
      const load = startLoad(account, {
        messages: isShort ? 50 : messages / 3,
        threads: isShort ? 5 : 20,
        copies,
      });
      await load.over;
      await Promise.all([arena.installation.killWorker(0), arena.installation.killApi(0)]);
      await repeatAll(account, load.ledger.acknowledged);
      const continued = await writeUntilContinued(arena, account, load);
      await repeatAll(account, load.ledger.acknowledged);
      const { outcome } = await judge(arena, account, load);
      return withFindings(outcome, [], { continued, copies });
    }),
};

/** Each until it is acknowledged, as at its first time. */
async function repeatAll(account: ChaosAccount, said: Said[]): Promise<void> {
  const ignored = createLedger();
  const waiting = [...said];
  const repeat = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await write(account, ignored, one);
  };
  await Promise.all(Array.from({ length: 16 }, repeat));
}

/** In every conversation, at once. Answers how often they all have continued as new. */
async function writeUntilContinued(arena: Arena, account: ChaosAccount, { ledger, threads }: Load): Promise<number> {
  const ids = await listThreads(account.api);
  const runs = countContinuedRuns(arena, account);
  const goOn = async (thread: Thread): Promise<number> => {
    const id = required(ids.get(thread.name));
    let continued = await runs.of(id);
    while (continued === 0) {
      await writeOneMore(account, thread, ledger);
      continued = await runs.of(id);
    }
    return continued;
  };
  const counts = await Promise.all(threads.filter(({ servedBy }) => servedBy === null).map(goOn));
  await runs.close();
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The next is written when this one is answered: each is a turn of its own, and so makes history. */
async function writeOneMore(account: ChaosAccount, thread: Thread, ledger: Load['ledger']): Promise<void> {
  const { name, channel, texts } = thread;
  const text = `message ${texts.length + 1}`;
  texts.push(text);
  await write(account, ledger, { channel, thread: name, text, id: `${name}/${text}` }, copies);
  const { books } = account.channels[channel].backend;
  await until(() => books.byThread(name).some((heard) => heard.text === `echo: ${text}`), 60_000);
}
