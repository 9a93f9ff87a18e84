/** Load, faults, rest, judgement: what most scenarios are. */
import { type AccountOptions, type ChaosAccount, openAccount } from './account.ts';
import type { Arena } from './arena.ts';
import { drain } from './drain.ts';
import { type Evidence, gather } from './evidence.ts';
import { type Load, type LoadOptions, startLoad } from './load.ts';
import { judgeBooks, namedUnknown } from './oracles/books.ts';
import type { BookOracle } from './oracles/names.ts';
import { judgeRecord } from './oracles/record.ts';
import type { Outcome } from './scenario.ts';

const restsWithinMs = 60_000;

export interface UnderLoad {
  account?: AccountOptions;
  load: LoadOptions;
  /** Until the load is over; answers what was struck. */
  rage(load: Load, account: ChaosAccount): Promise<string[]>;
}

export function underLoad(arena: Arena, { account: options, load: wanted, rage }: UnderLoad): Promise<Outcome> {
  return withAccount(arena, options, async (account) => {
    const startedAt = performance.now();
    const load = startLoad(account, wanted);
    const [struck] = await Promise.all([rage(load, account), load.over]);
    const loadMs = Math.round(performance.now() - startedAt);
    const { outcome } = await judge(arena, account, load);
    return { ...outcome, facts: { ...outcome.facts, ...countsOf(struck), loadMs } };
  });
}

export async function withAccount<T>(
  arena: Arena,
  options: AccountOptions | undefined,
  work: (account: ChaosAccount) => Promise<T>,
): Promise<T> {
  const account = await openAccount(arena, options);
  try {
    return await work(account);
  } finally {
    await account.close();
  }
}

/** Once the load is over. */
export async function judge(
  arena: Arena,
  account: ChaosAccount,
  { threads, ledger }: Pick<Load, 'threads' | 'ledger'>,
  { except = [], restsMs = restsWithinMs }: { except?: BookOracle[]; restsMs?: number } = {},
): Promise<{ outcome: Outcome; evidence: Evidence }> {
  const drained = await drain(arena, account, restsMs);
  const evidence = await gather(arena, account, { threads, ledger, drained });
  const findings = [...judgeBooks(evidence, except), ...(await judgeRecord(arena, account))];
  return { outcome: { findings, unknown: namedUnknown(evidence), facts: factsOf(evidence) }, evidence };
}

function factsOf({ ledger, heard, stored, drained }: Evidence): Outcome['facts'] {
  const refused = ledger.answers.filter(({ status }) => status !== 'broken' && status >= 300).length;
  const broken = ledger.answers.filter(({ status }) => status === 'broken').length;
  const outbound = [...stored.values()].flatMap((one) => one.outbound);
  return {
    messages: ledger.acknowledged.length,
    replies: ledger.replies.length,
    conversations: stored.size,
    heard: [...heard.values()].reduce((sum, all) => sum + all.length, 0),
    unclearAttempts: outbound.reduce((sum, { unclear }) => sum + unclear, 0),
    unknown: outbound.filter(({ status }) => status === 'unknown').length,
    refused,
    broken,
    restedMs: drained.ms,
  };
}

function countsOf(struck: string[]): Outcome['facts'] {
  return Object.fromEntries([...new Set(struck)].map((name) => [name, struck.filter((one) => one === name).length]));
}
