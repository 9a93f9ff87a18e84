import type { ChaosAccount } from '../account.ts';
import { createLedger } from '../ledger.ts';
import type { Thread } from '../load.ts';
import { offerWithoutMercy, type Overload, writeNext } from '../overload.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';

/** What was acknowledged is answered at the pace of bots and channels, which is slower than taking it. */
const restsMs = 600_000;

export const r25: Scenario = {
  id: 'R25',
  title:
    'three times the capacity: what is too much is turned away, the rest worked off, and nothing acknowledged lost',
  // Of rows that wait for a courier: so few that they are there within seconds, on any machine.
  own: { environment: { BATON_BACKLOG_LIMIT: '20' } },
  run: (arena, { isShort }) =>
    withAccount(arena, undefined, async (account) => {
      const overload = { threads: threadsOf(isShort ? 60 : 300), ledger: createLedger() };
      const capacity = await measureCapacity(account, overload, isShort ? 3 : 15);
      const perSecond = Math.ceil(3 * capacity);
      const offered = await offerWithoutMercy(account, overload, { perSecond, seconds: isShort ? 6 : 120 });
      const { outcome } = await judge(arena, account, overload, { restsMs });
      const shed = overload.ledger.answers.filter(({ status }) => status === 503 || status === 429).length;
      const wrong = shed === 0 ? ['nothing was turned away'] : [];
      return withFindings(outcome, objectTo('shed', wrong), { capacity: Math.round(capacity), offered, shed });
    }),
};

function threadsOf(count: number): Thread[] {
  return Array.from({ length: count }, (_, no) => ({
    name: `thread-${no}`,
    channel: no % 5 === 1 ? 'forgetful' : 'knowing',
    servedBy: null,
    texts: [],
  }));
}

/** Messages a second that are acknowledged while a third of the customers write as fast as they are. */
async function measureCapacity(account: ChaosAccount, { threads, ledger }: Overload, seconds: number): Promise<number> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  const hurry = async (thread: Thread): Promise<void> => {
    while (performance.now() < endsAt) await writeNext(account, ledger, thread);
  };
  await Promise.all(threads.slice(0, threads.length / 3).map(hurry));
  return (ledger.acknowledged.length * 1_000) / (performance.now() - startedAt);
}
