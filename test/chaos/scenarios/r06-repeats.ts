import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { startLoad } from '../load.ts';
import { type Scenario, withFindings } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';
import { createLedger, type Said } from '../ledger.ts';
import { write } from '../webhook.ts';

/** Each webhook twice more at once, and once more when worker and API have come back. */
export const r6: Scenario = {
  id: 'R6',
  title: 'every webhook three times at once, and again after restarts: one effect each',
  run: (arena, { messages, isShort }) =>
    withAccount(arena, undefined, async (account) => {
      // Few conversations, so that a long run goes through continue-as-new.
      const load = startLoad(account, {
        messages: isShort ? 100 : messages / 3,
        threads: isShort ? 10 : 20,
        copies: 3,
      });
      await load.over;
      await restart(arena);
      await repeatAll(account, load.ledger.acknowledged);
      const { outcome } = await judge(arena, account, load);
      return withFindings(outcome, [], { sends: load.messages * 4 });
    }),
};

async function restart({ installation }: Arena): Promise<void> {
  await Promise.all([installation.killWorker(0), installation.killApi(0)]);
}

/** Each until it is acknowledged, as at its first time. */
async function repeatAll(account: ChaosAccount, said: Said[]): Promise<void> {
  const ignored = createLedger();
  const waiting = [...said];
  const repeat = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await write(account, ignored, one);
  };
  await Promise.all(Array.from({ length: 16 }, repeat));
}
