import { isDeepStrictEqual } from 'node:util';
import { baton } from '../../audit/command.ts';
import { dropFolds, dumpFolds } from '../../store/rebuild-dump.ts';
import type { ChaosAccount } from '../account.ts';
import type { Arena } from '../arena.ts';
import { type Load, startLoad } from '../load.ts';
import { objectTo, type Scenario, withFindings } from '../scenario.ts';
import { faultsOf, rageThrough } from '../storm.ts';
import { judge, withAccount } from '../under-load.ts';
import { write } from '../webhook.ts';

/** The actors live on meanwhile, and go on from what was rebuilt. */
export const r17: Scenario = {
  id: 'R17',
  title: 'after kills under load every fold is dropped and made anew from events and sources: equal to the live one',
  run: (arena, { messages, isShort }) =>
    withAccount(arena, undefined, async (account) => {
      const load = startLoad(account, { messages: isShort ? 100 : messages / 5, threads: isShort ? 10 : 100 });
      const { worker, api, postgres } = faultsOf(arena);
      const faults = [worker(0), api(0), postgres(0), worker(1), api(1)];
      await Promise.all([rageThrough(load, faults), load.over]);
      const { outcome } = await judge(arena, account, load);
      const wrong = await rebuildAll(arena, account);
      await goOn(account, load);
      const after = await judge(arena, account, load);
      const findings = [...objectTo('rebuilt', wrong), ...after.outcome.findings];
      return withFindings(outcome, findings, { kills: faults.length });
    }),
};

/** What isn't as it was. */
async function rebuildAll({ admin, installation }: Arena, { accountId }: ChaosAccount): Promise<string[]> {
  const env = { BATON_DATABASE_URL: installation.database.adminUrl, BATON_ACCOUNT: accountId };
  const live = await baton(['rebuild', '--all', '--dry-run'], env);
  const before = await dumpFolds(admin, accountId);
  await dropFolds(admin, accountId);
  const made = await baton(['rebuild', '--all'], env);
  const after = await dumpFolds(admin, accountId);
  return [
    ...(live.code === 0 ? [] : [`the live folds: ${live.out} ${live.err}`]),
    ...(made.code === 0 ? [] : [`baton rebuild ended with ${made.code}: ${made.out} ${made.err}`]),
    ...Object.entries(before).flatMap(([table, rows]) => differing(table, rows, after[table] ?? [])),
  ];
}

function differing(table: string, before: unknown[], after: unknown[]): string[] {
  if (before.length !== after.length) return [`${table}: ${before.length} rows were, ${after.length} are`];
  return before.flatMap((row, at) =>
    isDeepStrictEqual(row, after[at]) ? [] : [`${table}: ${JSON.stringify(row)} became ${JSON.stringify(after[at])}`],
  );
}

/** Everybody writes once more. */
async function goOn(account: ChaosAccount, { threads, ledger }: Load): Promise<void> {
  const text = 'and another one';
  for (const { name, channel, texts } of threads) {
    texts.push(text);
    await write(account, ledger, { channel, thread: name, text, id: `${name}/${text}` });
  }
}
