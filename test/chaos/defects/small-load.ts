/** As much load as a defect needs to show, judged soon: what a defect keeps from coming to rest never does. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AccountOptions, ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { type Load, type LoadOptions, startLoad } from '../load.ts';
import type { Scenario } from '../scenario.ts';
import { judge, withAccount } from '../under-load.ts';

const restsMs = 10_000;
/** What a defect keeps from being answered would be asked for again for ever. */
const lastsMs = 20_000;

interface SmallLoad {
  account?: AccountOptions;
  load?: Partial<LoadOptions>;
  /** Before anybody writes. */
  prepare?(account: ChaosAccount, arena: Arena): void;
}

export function smallLoad({ account: options, load: wanted, prepare }: SmallLoad = {}): Scenario {
  return {
    id: 'load',
    title: 'a small load, and no fault',
    run: (arena) =>
      withAccount(arena, options, async (account) => {
        prepare?.(account, arena);
        const load: Load = startLoad(account, { messages: 40, threads: 10, ...wanted });
        await Promise.race([load.over, pause(lastsMs)]);
        load.ledger.isAbandoned = true;
        const { outcome } = await judge(arena, account, load, { restsMs });
        return outcome;
      }),
  };
}
